import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createClient,
  type Request,
  serverSeconds,
  startInFlight,
  type Timing,
} from "./client.ts";
import { errorClass, isOk } from "./row.ts";
import { startServer } from "./script.ts";
import {
  eventually,
  get,
  randomNumbers,
  stats,
} from "../scripts/dev/testing/processes.ts";

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

for (const location of ["/żółć?q=漢", "/%C5%BC?q=a%20b", "/plain"]) {
  test(`a redirection to ${location} is followed as browsers do`, async () => {
    const asked: string[] = [];
    const server = net.createServer((socket) =>
      socket.on("data", (request) => {
        const path = String(request).split(" ")[1]!;
        asked.push(path);
        const head = path === "/"
          ? `302 Found\r\nlocation: ${location}`
          : "200 OK";
        socket.write(`HTTP/1.1 ${head}\r\ncontent-length: 0\r\n\r\n`);
      })
    );
    await serving(server, async (url) => {
      assert.equal((await callOnce(url)).status, 200);
      const { pathname, search } = new URL(location, url);
      assert.deepEqual(asked, ["/", pathname + search]);
    });
  });
}

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

for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
  test(`${method} calls that follow each other share a connection`, async () => {
    const client = createClient(PATIENCE);
    const url = `${target.url}/delay/0`;
    for (let id = 1; id <= 5; id++) {
      const { status, error } = await client.call({ url, method });
      assert.deepEqual([status, error], [200, ""]);
    }
    assert.deepEqual(client.connections!(), { opened: 1, most: 1 });
    await client.close();
  });
}

test("connections are counted as they are opened, and while they are open", async () => {
  const client = createClient(PATIENCE);
  const call = (path: string) => client.call({ url: target.url + path });
  const three = (path: string) => Promise.all([1, 2, 3].map(() => call(path)));
  await three("/delay/50");
  assert.deepEqual(client.connections!(), { opened: 3, most: 3 });
  await call("/delay/0");
  assert.deepEqual(client.connections!(), { opened: 3, most: 3 });
  // The server closes one.
  await call("/fault/reset");
  await three("/delay/50");
  assert.deepEqual(client.connections!(), { opened: 4, most: 3 });
  await client.open!(target.url, 2);
  assert.deepEqual(client.connections!(), { opened: 6, most: 5 });
  await client.close();
});

test("a server that closes idle connections within a second costs new ones", async () => {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "keep-alive": "timeout=1" }).end();
  });
  await serving(server, async (url) => {
    const client = createClient(PATIENCE);
    for (let id = 1; id <= 3; id++) await client.call({ url });
    assert.equal(client.connections!().opened, 3);
    await client.close();
  });
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

/** A server that holds each request until it is told to let it go. */
function holding() {
  const held: http.ServerResponse[] = [];
  const server = http.createServer((_, response) => held.push(response));
  return { server, held };
}

test("it is empty when the last call in flight has ended", async () => {
  const { server, held } = holding();
  await serving(server, async (url) => {
    const client = createClient(PATIENCE);
    const ended: number[] = [];
    for (const id of [1, 2]) client.call({ url }).then(() => ended.push(id));
    await eventually("two requests", () => held.length === 2);
    assert.equal(client.inFlight.count(), 2);
    const empty = client.inFlight.empty().then(() => ended.push(3));
    held[0]!.end();
    await eventually("an answer", () => ended.length === 1);
    held[1]!.end();
    await empty;
    assert.deepEqual(ended, [1, 2, 3]);
    await client.close();
  });
});

test("the connection of a call that timed out isn't used again", async () => {
  const sockets: unknown[] = [];
  const server = http.createServer(({ url, socket }, response) => {
    sockets.push(socket);
    if (url === "/hang") setTimeout(() => response.end("late"), 400);
    else response.end("right");
  });
  await serving(server, async (url) => {
    const client = createClient(IMPATIENCE);
    const late = await client.call({ url: `${url}/hang` });
    assert.equal(errorClass(late), "timeout");
    const next = await client.call({ url });
    assert.deepEqual([next.status, next.bytes_in], [200, "right".length]);
    assert.equal(new Set(sockets).size, 2);
    await client.close();
  });
});

test("each call has its whole timeout, whenever it was started", async () => {
  await serving(net.createServer(() => {}), async (url) => {
    const client = createClient(IMPATIENCE);
    const ended: number[] = [];
    const calls = [];
    for (const id of [1, 2, 3]) {
      calls.push(
        client.call({ url }).then((timing) => {
          ended.push(id);
          return timing;
        }),
      );
      await sleep(IMPATIENCE * 1000 / 3);
    }
    for (const timing of await Promise.all(calls)) {
      assert.equal(errorClass(timing), "timeout");
      assert.ok(timing.elapsed! >= IMPATIENCE - 0.002, `${timing.elapsed}`);
    }
    assert.deepEqual(ended, [1, 2, 3]);
    await client.close();
  });
});

test("the count of calls in flight agrees with their rows", async () => {
  const client = createClient(IMPATIENCE);
  const call = (route: string) => client.call({ url: target.url + route });
  const timings: Timing[] = [];
  // One connection, which undici looks at before it is used again.
  for (let n = 0; n < 20; n++) timings.push(await call("/delay/0"));
  const ends = ["reset", "hang", "truncate", "redirect-loop"]
    .map((fault) => `/fault/${fault}`).concat("/delay/30", "/bytes/100000");
  timings.push(...await Promise.all([...ends, ...ends].map(call)));
  timings.push(await client.call({ url: "http://127.0.0.1:1/" }));
  const hanging = call("/fault/hang");
  client.abort();
  timings.push(await hanging);
  await client.close();
  const sum = timings.reduce((sum, { elapsed }) => sum + elapsed!, 0);
  const off = Math.abs(client.inFlight.callSeconds() - sum);
  assert.ok(off < 1e-6, `${client.inFlight.callSeconds()} and not ${sum}`);
});

/** What reaches a server after its own redirection, by way of `host`. */
async function redirected(
  request: Partial<Request>,
  { status = 302, host = "127.0.0.1" } = {},
) {
  let got: Record<string, string | undefined> = {};
  const server = http.createServer(async (request, response) => {
    const { url, method, headers, socket } = request;
    const body = await text(request);
    if (url === "/new") {
      const { "content-type": type, authorization, cookie, accept } = headers;
      got = { method, body, type, authorization, cookie, accept };
    } else {
      const location = `http://${host}:${socket.localPort}/new`;
      response.writeHead(status, { location });
    }
    response.end();
  });
  await serving(server, async (url) => {
    const timing = await callOnce(`${url}/old`, request);
    assert.deepEqual([timing.status, timing.error], [200, ""]);
    assert.equal(timing.url, `${url}/old`);
  });
  return got;
}

const content = {
  body: new TextEncoder().encode("{}"),
  headers: { "content-type": "application/json", accept: "text/html" },
};

test("307 and 308 keep the method and the body", async () => {
  for (const status of [307, 308]) {
    for (const method of ["POST", "PUT", "PATCH"]) {
      const got = await redirected({ ...content, method }, { status });
      const { body, type, accept } = got;
      assert.deepEqual([got.method, body], [method, "{}"]);
      assert.deepEqual([type, accept], ["application/json", "text/html"]);
    }
  }
});

test("303, and 301 and 302 after a POST, ask with a GET, without the body", async () => {
  for (const [status, method] of [[301, "POST"], [302, "POST"], [303, "PUT"]]) {
    const got = await redirected(
      { ...content, method: method as string },
      { status: status as number },
    );
    const { body, type, accept } = got;
    assert.deepEqual([got.method, body], ["GET", ""]);
    assert.deepEqual([type, accept], [undefined, "text/html"]);
  }
});

test("301 and 302 keep any other method, and a HEAD stays one", async () => {
  for (const status of [301, 302]) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      assert.equal((await redirected({ method }, { status })).method, method);
    }
  }
  const head = await redirected({ method: "HEAD" }, { status: 303 });
  assert.equal(head.method, "HEAD");
});

test("what lets somebody in isn't sent to another origin", async () => {
  const headers = { authorization: "Bearer x", cookie: "a=b", accept: "c/d" };
  const own = await redirected({ headers });
  assert.deepEqual(
    [own.authorization, own.cookie, own.accept],
    ["Bearer x", "a=b", "c/d"],
  );
  // The same server, by another name.
  const foreign = await redirected({ headers }, { host: "localhost" });
  assert.deepEqual(
    [foreign.authorization, foreign.cookie, foreign.accept],
    [undefined, undefined, "c/d"],
  );
});

test("ten redirections are followed, and an eleventh is a broken protocol", async () => {
  const server = http.createServer(({ url }, response) => {
    const left = Number(url!.slice(1));
    if (left > 0) response.writeHead(302, { location: `/${left - 1}` });
    response.end();
  });
  await serving(server, async (url) => {
    const ten = await callOnce(`${url}/10`);
    assert.deepEqual([ten.status, ten.error], [200, ""]);
    const eleven = await callOnce(`${url}/11`);
    assert.match(eleven.error, /^protocol: redirected too often/);
  });
});

test("a redirection to nowhere is an answer like any other", async () => {
  const server = http.createServer(({ url }, response) => {
    const location = { "/none": undefined, "/mail": "mailto:a@b.c" }[url!];
    response.writeHead(302, location ? { location } : {}).end();
  });
  await serving(server, async (url) => {
    for (const path of ["/none", "/mail"]) {
      const { status, error } = await callOnce(url + path);
      assert.deepEqual([status, error], [302, ""]);
    }
  });
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

const near = (one: number, other: number) => Math.abs(one - other) < 1e-6;

/** Calls as the milliseconds at which they begin and end. */
function callSeconds(calls: [number, number][]): number {
  const { began, ended, callSeconds } = startInFlight();
  calls.flatMap(([begin, end]) => [
    { at: begin, happen: began },
    { at: end, happen: ended },
  ]).sort((one, other) => one.at - other.at)
    .forEach(({ at, happen }) => happen(at));
  return callSeconds();
}

test("however calls overlap, their lengths add up", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 200; trial++) {
    const start = 1e6 * random();
    const calls = Array.from({ length: 50 * random() }, () => {
      const begin = start + 1000 * random();
      return [begin, begin + 300 * random()] as [number, number];
    });
    const sum = calls.reduce((sum, [begin, end]) => sum + end - begin, 0);
    const counted = callSeconds(calls);
    assert.ok(near(counted, sum / 1000), `${counted} and not ${sum / 1000}`);
  }
});

test("while nothing is in flight nothing is counted", () => {
  assert.equal(startInFlight().callSeconds(), 0);
  const calls: [number, number][] = [[1000, 1500], [9000, 9250]];
  assert.equal(callSeconds(calls), 0.75);
});

test("calls at once count as often as they are", () => {
  assert.equal(callSeconds(Array(8).fill([0, 250])), 2);
});

test("a call that is postponed counts from then on", () => {
  const { began, postponed, ended, callSeconds } = startInFlight();
  began(0);
  began(100);
  postponed(100, 130);
  ended(200);
  ended(250);
  assert.equal(callSeconds(), 0.25 + 0.07);
});

test("connections opened in advance are used, and all are closed", async () => {
  const opened = new Set<net.Socket>();
  let open = 0;
  const server = http.createServer((_, response) => response.end("ok"));
  server.on("connection", (socket) => {
    opened.add(socket);
    open++;
    socket.on("close", () => open--);
  });
  await serving(server, async (url) => {
    const client = createClient(PATIENCE);
    assert.equal(await client.open!(url, 5), 5);
    await eventually("all of them", () => opened.size === 5);
    await Promise.all([1, 2, 3].map(() => client.call({ url })));
    await client.call({ url });
    assert.equal(opened.size, 5);
    await client.close();
    await eventually("the end of all", () => open === 0);
  });
});

test("connections that can't be opened in advance are counted", async () => {
  const client = createClient(PATIENCE);
  assert.equal(await client.open!("http://127.0.0.1:1", 3), 0);
  const { error } = await client.call({ url: "http://127.0.0.1:1/" });
  assert.match(error, /^refused: /);
  await client.close();
});
