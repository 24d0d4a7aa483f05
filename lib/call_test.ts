import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import test, { after } from "node:test";
import { createClient, type Request, serverSeconds } from "./call.ts";
import { errorClass, isOk } from "./rows.ts";
import { startServer } from "./script.ts";
import { eventually, get, stats, testUnless } from "./testing.ts";

/** Seconds; long enough for what must not time out. */
const PATIENCE = 30;
const IMPATIENCE = 0.3;

const target = await startServer("target.ts");
after(target.stop);

async function callOnce(
  url: string,
  { timeout = PATIENCE, ...request }: Partial<Request> & { timeout?: number } =
    {},
) {
  const client = createClient(timeout);
  const timing = await client.call({ ...request, url });
  await client.close();
  return timing;
}

/** Runs `use` with the URL of a server that lives as long as that takes. */
async function serving(server: net.Server, use: (url: string) => unknown) {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
}

test("a call knows its status, its bytes and its times", async () => {
  const timing = await callOnce(`${target.url}/delay/20`);
  assert.equal(timing.error, "");
  assert.equal(timing.status, 200);
  assert.equal(timing.url, `${target.url}/delay/20`);
  assert.equal(timing.bytes_out, 0);
  assert.equal(timing.bytes_in, "ok\n".length);
  assert.ok(timing.server! >= 0.02);
  assert.ok(timing.server! <= timing.ttfb!);
  assert.ok(timing.ttfb! <= timing.elapsed!);
});

test("a call says when it was sent", async () => {
  const before = Date.now();
  const { timestamp } = await callOnce(target.url);
  // The system's clock and the monotonic one may differ by its adjustments.
  assert.ok(Math.abs(timestamp.getTime() - before) < 60_000);
});

test("bytes are counted as they are on the wire", async () => {
  const body = new TextEncoder().encode("é漢🦕");
  const echoed = await callOnce(`${target.url}/echo`, { method: "POST", body });
  assert.equal(echoed.bytes_out, 9);
  assert.equal(echoed.bytes_in, 9);
  const big = await callOnce(`${target.url}/bytes/1000000`);
  assert.equal(big.bytes_in, 1_000_000);
});

test("a method and headers reach the server", async () => {
  const server = http.createServer((request, response) => {
    const { method, headers } = request;
    response.writeHead(method === "PUT" && headers["x-a"] === "b" ? 201 : 400);
    response.end();
  });
  await serving(server, async (url) => {
    const options = { method: "PUT", headers: { "x-a": "b" } } as const;
    assert.equal((await callOnce(url, options)).status, 201);
  });
});

test("a status is a status and not an error", async () => {
  for (const status of [204, 304, 404, 429, 500, 503]) {
    const timing = await callOnce(`${target.url}/status/${status}`);
    assert.equal(timing.status, status);
    assert.equal(timing.error, "");
    assert.equal(isOk(timing), status < 400);
  }
});

const faults = {
  "reset": "reset",
  "truncate": "protocol",
  "garbage": "protocol",
  "redirect-loop": "protocol",
  "hang": "timeout",
  "slow": "timeout",
  "huge": "timeout",
};

for (const [fault, expected] of Object.entries(faults)) {
  test(`/fault/${fault} is an error of the class ${expected}`, async () => {
    const timing = await callOnce(`${target.url}/fault/${fault}`, {
      timeout: expected === "timeout" ? IMPATIENCE : PATIENCE,
    });
    assert.match(timing.error, RegExp(`^${expected}: \\S`));
    assert.ok(timing.elapsed! > 0);
    assert.equal(isOk(timing), false);
  });
}

test("a truncated body says how many bytes came", async () => {
  const timing = await callOnce(`${target.url}/fault/truncate`);
  assert.equal(timing.status, 200);
  assert.equal(timing.bytes_in, 500);
  assert.match(timing.error, /500/);
});

test("a port that nobody listens on is refused", async () => {
  const timing = await callOnce("http://127.0.0.1:1/");
  assert.equal(errorClass(timing), "refused");
  assert.equal(timing.status, undefined);
  assert.equal(timing.ttfb, undefined);
  assert.equal(timing.bytes_in, undefined);
});

test("https to a port that speaks plain HTTP is an error of TLS", async () => {
  const timing = await callOnce(target.url.replace("http:", "https:"));
  assert.equal(errorClass(timing), "tls");
});

const resolver = await Promise.race([
  lookup("nosuch.invalid").then(
    () => "it knows the name",
    (error) => error.code === "ENOTFOUND" ? undefined : error.message,
  ),
  new Promise<string>((resolve) => {
    setTimeout(resolve, 2000, "it doesn't answer").unref();
  }),
]);

testUnless(
  resolver && `this machine's resolver can't say no: ${resolver}`,
  "an unknown host is an error of DNS",
  async () => {
    const timing = await callOnce("http://nosuch.invalid/");
    assert.equal(errorClass(timing), "dns");
  },
);

test("the timeout covers a server that accepts and says nothing", async () => {
  await serving(net.createServer(() => {}), async (url) => {
    const timing = await callOnce(url, { timeout: IMPATIENCE });
    assert.equal(errorClass(timing), "timeout");
    assert.ok(timing.elapsed! >= IMPATIENCE - 0.002);
  });
});

test("the timeout covers all redirections together", async () => {
  const server = http.createServer(({ url }, response) => {
    response.writeHead(302, { location: `${url}0` });
    setTimeout(() => response.end(), IMPATIENCE * 1000 / 4);
  });
  await serving(server, async (url) => {
    const timing = await callOnce(url, { timeout: IMPATIENCE });
    assert.equal(errorClass(timing), "timeout");
  });
});

test("a redirection is followed", async () => {
  const server = http.createServer(({ url }, response) => {
    if (url === "/new") response.end("here");
    else response.writeHead(301, { location: "/new" }).end("not here");
  });
  await serving(server, async (url) => {
    const timing = await callOnce(`${url}/old`);
    assert.equal(timing.status, 200);
    assert.equal(timing.bytes_in, "here".length);
    assert.equal(timing.url, `${url}/old`);
  });
});

test("one connection serves calls that follow each other", async () => {
  const before = await stats(target.url);
  const client = createClient(PATIENCE);
  const calm = { url: `${target.url}/delay/0` };
  for (let id = 1; id <= 20; id++) await client.call(calm);
  await client.close();
  const after = await stats(target.url);
  // One is ours, the other that of the question itself.
  assert.equal(after.connections! - before.connections!, 2);
});

test("as many connections are open as calls are in flight", async () => {
  const fresh = await startServer("target.ts");
  const client = createClient(PATIENCE);
  const calls = Array.from(
    { length: 30 },
    () => client.call({ url: `${fresh.url}/delay/500` }),
  );
  await Promise.all(calls);
  const { mostInFlight } = await stats(fresh.url);
  await client.close();
  await fresh.stop();
  assert.equal(mostInFlight, 30);
});

test("an abort ends every call in flight", async () => {
  const client = createClient(PATIENCE);
  const { inFlight } = await stats(target.url);
  const calls = [1, 2, 3].map(() =>
    client.call({ url: `${target.url}/fault/hang` })
  );
  await eventually(
    "three calls in flight",
    async () => (await stats(target.url)).inFlight === inFlight! + 3,
  );
  client.abort();
  for (const timing of await Promise.all(calls)) {
    assert.equal(errorClass(timing), "aborted");
    assert.equal(timing.status, undefined);
  }
  await client.close();
});

test("a call after a failed one works", async () => {
  const client = createClient(PATIENCE);
  for (const fault of ["reset", "garbage", "truncate"]) {
    await client.call({ url: `${target.url}/fault/${fault}` });
    assert.equal((await client.call(target)).error, "");
  }
  await client.close();
});

test("the server's seconds are the sum of all its durations", () => {
  assert.equal(serverSeconds("app;dur=1500"), 1.5);
  assert.equal(serverSeconds("db;dur=250, app;desc=x;dur=750"), 1);
  assert.equal(serverSeconds(["db;dur=1000", "app; dur = 500"]), 1.5);
  assert.equal(serverSeconds('cache;desc="hit";dur="2000"'), 2);
  assert.equal(serverSeconds("app;dur=0"), 0);
  for (const none of [undefined, "", "cache;desc=hit", "app;dur=fast"]) {
    assert.equal(serverSeconds(none), undefined);
  }
});

test("the target answered all of this and lives on", async () => {
  assert.equal((await get(target.url)).status, 200);
});
