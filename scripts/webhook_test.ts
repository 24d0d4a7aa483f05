import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Broker, openBroker } from "../lib/queue/broker.ts";
import { readMessage } from "../lib/queue/message.ts";
import { readLags } from "../notebooks/event-loop/lag.ts";
import { readProfile } from "../notebooks/event-loop/profile_tree.ts";
import { startServer, startServerWith } from "../lib/script.ts";
import { startNetwork } from "./dev/soak/network.ts";
import { testBroker } from "./dev/testing/broker.ts";
import {
  eventually,
  get,
  runScript,
  temporaryFolder,
  testUnless,
} from "./dev/testing/processes.ts";
import { matrix, rungs, ways } from "./chapters/names/mod.ts";
import { examplePayload } from "./servers/webhook/payload.ts";

const rabbit = await testBroker();
const { missing } = rabbit;

const folder = temporaryFolder();
const target = await startServer("target.ts");
const queue = `test-webhook-${process.pid}`;
const broker = missing ? undefined : await openBroker({ ...rabbit, queue });
const [network, amqp] = await throughProxy();
const lag = path.join(folder, "lag.csv");
const profile = path.join(folder, "profile.cpuprofile");
const webhook = await startWebhook("--lag", lag, "--profile", profile);

after(async () => {
  await webhook.kill();
  await target.stop();
  await broker?.deleteQueues();
  await broker?.close();
  await rabbit.stop();
});

/** A RabbitMQ whose network the tests have in their hands. */
async function throughProxy() {
  const url = new URL(rabbit.amqp);
  const network = await startNetwork(Number(url.port || 5672));
  after(network.stop);
  url.port = String(network.port);
  return [network, url.href] as const;
}

function startWebhook(...options: string[]) {
  const permissions = ["net", "read", "write", "env", "sys"]
    .map((name) => `--allow-${name}`);
  return startServerWith(
    permissions,
    "webhook.ts",
    ...["--amqp", amqp, "--queue", queue],
    ...["--service", `${target.url}/echo?id={id}`, ...options],
  );
}

const payload = examplePayload();
const event = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: payload,
};

async function post(route: string, body = payload) {
  const { status, headers, body: said } = await get(
    webhook.url + route,
    { ...event, body },
  );
  return { status, headers, said: JSON.parse(String(said)) };
}

/** Takes all messages out of the queue. */
async function drained({ channel }: Broker) {
  const messages: ReturnType<typeof readMessage>[] = [];
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (!message) return messages;
    messages.push(readMessage(message));
  }
}

/** As /pool-40, but it takes five seconds to start so many threads. */
const isTested = (route: string) => route !== "/pool-100";
const routes = [...rungs, ...matrix, ...ways].filter(isTested);
/** Those that hand the event on to the queue. */
const queueing = [...rungs, "/queued"].filter(isTested);

testUnless(
  missing,
  "each route takes an event and publishes it once",
  async () => {
    const ids = routes.map((route) => `id of ${route}`);
    for (const [index, route] of routes.entries()) {
      const id = encodeURIComponent(ids[index]!);
      const { status, said } = await post(`${route}?id=${id}`);
      assert.deepEqual([route, status, said], [route, 200, {
        accepted: ids[index],
      }]);
    }
    const messages = await drained(broker!);
    assert.deepEqual(
      messages.map(({ id }) => id),
      queueing.map((route) => `id of ${route}`),
    );
    for (const { request, id, mistake } of messages) {
      assert.equal(mistake, undefined);
      assert.equal(request.method, "POST");
      assert.equal(String(request.body), payload);
      assert.equal(
        request.url,
        `${target.url}/echo?id=${encodeURIComponent(id!)}`,
      );
    }
  },
);

testUnless(missing, "an event without an id gets one of its own", async () => {
  const one = await post("/lean");
  const other = await post("/lean");
  assert.notEqual(one.said.accepted, other.said.accepted);
  await drained(broker!);
});

test("GET /payload returns a valid event, /health is 200", async () => {
  const { status, body } = await get(`${webhook.url}/payload`);
  assert.deepEqual([status, String(body)], [200, payload]);
  assert.equal((await get(`${webhook.url}/health`)).status, 200);
});

/** A request as it goes over the wire, and what comes back. */
async function raw(
  head: string[],
  body: string,
  { end = false, url = webhook.url } = {},
) {
  const { hostname, port } = new URL(url);
  const socket = net.connect({
    host: hostname,
    port: Number(port),
    allowHalfOpen: true,
  });
  socket.write([...head, "host: webhook", "", ""].join("\r\n"));
  socket.write(body);
  if (end) socket.end();
  const over = once(socket, "close").then(() => [""]);
  const [said] = await Promise.race([once(socket, "data"), over]);
  socket.destroy();
  return String(said);
}

const head = (route: string, length: number, ...more: string[]) => [
  `POST ${route} HTTP/1.1`,
  "content-type: application/json",
  `content-length: ${length}`,
  ...more,
];
const half = payload.slice(0, 2843);

const reading = ["/blocking", "/pool-4", "/lean", "/direct", "/loop/all"];

for (
  const [what, body, message] of [
    ["no JSON", half, /^the body is not JSON: /],
    ["an event without an invoice", '{"type":"invoice.pending"}', /invoice/],
    ["nothing", "", /no body/],
  ] as const
) {
  test(`${what} is refused, with what is wrong`, async () => {
    for (const route of reading) {
      const { status, said } = await post(route, body);
      assert.deepEqual([route, status], [route, 400]);
      assert.match(said.error, message);
    }
  });
}

for (
  const [what, length, answer] of [
    [
      "a body of 10 MB is refused before it arrives",
      10_000_000,
      /^.* 413 .*1000000/s,
    ],
    ["a body that stops halfway is refused", payload.length, /^.* 400 .*1 s/s],
  ] as const
) {
  test(what, async () => {
    const said = await Promise.all(
      reading.map((route) => raw(head(route, length), half)),
    );
    for (const each of said) assert.match(each, answer);
  });
}

test("the server survives clients that hang up halfway", async () => {
  for (const route of reading) {
    await raw(head(route, payload.length), half, { end: true });
  }
  assert.equal((await get(`${webhook.url}/health`)).status, 200);
});

test("a handler that is slower than --body-timeout answers nothing more", async () => {
  const slow = ["--service", `${target.url}/delay/400`];
  const other = await startWebhook(...slow, "--body-timeout", "100ms");
  try {
    const { url } = other;
    const late = head("/loop/http", payload.length);
    assert.match(await raw(late, half, { url }), /^HTTP\/1\.1 400 /);
    await sleep(500);
    assert.equal((await get(`${url}/health`)).status, 200);
  } finally {
    await other.kill();
  }
});

for (
  const [what, lines, status] of [
    ["another type", ["POST /lean HTTP/1.1", "content-length: 2"], 415],
    ["no length", [
      "POST /lean HTTP/1.1",
      "content-type: application/json",
      "transfer-encoding: chunked",
    ], 411],
    ["a GET of a route", ["GET /lean HTTP/1.1"], 405],
    ["an unknown route", ["POST /leaner HTTP/1.1", "content-length: 2"], 404],
    ["an id that is too long", head(`/lean?id=${"x".repeat(101)}`, 2), 400],
  ] as const
) {
  test(`${what} is refused with ${status}`, async () => {
    const said = await raw([...lines, "connection: close"], "{}");
    assert.match(said, new RegExp(`^HTTP/1\\.1 ${status} `));
  });
}

testUnless(
  missing,
  "a thread that dies fails only its own request",
  async () => {
    const posts = ["/pool-4", "/pool-4", "/fault/worker", "/pool-4", "/pool-4"];
    const answers = await Promise.all(posts.map((route) => post(route)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 500, 200, 200],
    );
    assert.match(answers[2]!.said.error, /worker exited/);
    const later = await Promise.all(posts.map(() => post("/pool-4")));
    assert.ok(later.every(({ status }) => status === 200));
    await drained(broker!);
  },
);

/** 503 while `away` lasts, and 200 by itself after it. */
async function refusesWhile(away: () => unknown, back: () => unknown) {
  const asked = ["/blocking", "/pool-4", "/client-per-request", "/lean"];
  await away();
  for (const route of asked) {
    const { status, headers, said } = await post(route);
    assert.deepEqual([route, status], [route, 503]);
    assert.equal(headers["retry-after"], "1");
    assert.match(said.error, /RabbitMQ doesn't confirm/);
  }
  assert.equal((await post("/loop/all")).status, 200);
  await back();
  for (const route of asked) {
    await eventually(
      `${route} is back`,
      async () => (await post(route)).status === 200,
    );
  }
  await drained(broker!);
}

testUnless(
  missing,
  "503 while RabbitMQ is down, then 200 again",
  () => refusesWhile(network.cut, network.mend),
);

testUnless(
  missing,
  "503 while RabbitMQ doesn't respond, then 200 again",
  () =>
    refusesWhile(() => network.hold(true), async () => {
      // What was swallowed can't be told from what never came.
      network.hold(false);
      await network.cut();
      await network.mend();
    }),
);

testUnless(missing, "an event that reaches no queue gets no 200", async () => {
  const both = await eventually("one that is refused", async () => {
    // It may be declared again before they come.
    await broker!.deleteQueues();
    // Two that have the same id, as when a sender tries again, are two.
    const both = await Promise.all([post("/lean?id=1"), post("/lean?id=1")]);
    return both.some(({ status }) => status !== 200) ? both : undefined;
  });
  const accepted = both.filter(({ status }) => status === 200).length;
  await eventually(
    "the queue is there again",
    async () => (await post("/lean?id=after")).status === 200,
  );
  const ids = (await drained(broker!)).map(({ id }) => id);
  assert.ok(ids.includes("after"), String(ids));
  assert.ok(ids.filter((id) => id === "1").length >= accepted, String(ids));
});

testUnless(
  missing,
  "--lag records a blocked event loop",
  async () => {
    const before = readLags(lag).lags.length;
    await Promise.all(Array.from({ length: 10 }, () => post("/blocking")));
    await drained(broker!);
    const lags = await eventually("lags", () => {
      const { lags } = readLags(lag);
      return lags.length > before + 20 ? lags.slice(before) : undefined;
    });
    const stoodStill = lags.reduce((sum, { lag }) => sum + lag, 0);
    // The timer that tells is due up to 10 ms after a hand-over has begun.
    assert.ok(stoodStill > 0.1, String(stoodStill));
  },
);

testUnless(
  missing,
  "a killed webhook loses no accepted event",
  async () => {
    const other = await startWebhook();
    const accepted: string[] = [];
    let sent = 0;
    /** Posts events until the webhook is gone. */
    async function keepPosting() {
      for (;;) {
        const id = String(++sent);
        const route = `${other.url}/queued?id=${id}`;
        const answer = await get(route, event).catch(() => undefined);
        if (!answer) return;
        if (answer.status !== 200) continue;
        if (accepted.push(id) === 100) await other.kill();
      }
    }
    await Promise.all(Array.from({ length: 20 }, keepPosting));
    assert.ok(accepted.length >= 100);
    const ids = new Set(
      (await drained(broker!)).map(({ id }) => id),
    );
    assert.deepEqual(accepted.filter((id) => !ids.has(id)), []);
  },
);

testUnless(missing, "--profile shows the function that blocks", async () => {
  await post("/blocking");
  await webhook.stop();
  const { tree, problem } = readProfile(profile);
  assert.equal(problem, undefined);
  const names: string[] = [];
  (function add(call: typeof tree) {
    names.push(call!.name);
    call!.calls.forEach(add);
  })(tree);
  assert.ok(names.includes("blockUntilConfirmed"), names.join());
});

for (
  const [options, message] of [
    [
      ["--lag", "/nowhere/lag.csv"],
      /--lag \/nowhere\/lag\.csv can't be written/,
    ],
    [["--profile", "/nowhere/p"], /--profile \/nowhere\/p can't be written/],
    [["--service", "localhost"], /--service takes an http/],
    [["--hand-over", "24"], /--hand-over takes a time/],
    [["--port", new URL(target.url).port], /--port \d+ is in use/],
  ] as const
) {
  test(`${options.join(" ")} is wrong usage`, async () => {
    const { code, stderr } = await runScript("webhook.ts", ...options);
    assert.ok(code === 1 || code === 2);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^ +at /m);
  });
}

test("the help names each route", async () => {
  const { stdout } = await runScript("webhook.ts", "--help");
  for (const route of [...rungs, ...ways]) {
    assert.ok(stdout.includes(route), route);
  }
});
