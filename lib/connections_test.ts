import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test, { after } from "node:test";
import { type Connection, openConnections } from "./connections.ts";
import { eventually } from "../scripts/dev/testing/processes.ts";

/** A server that counts its connections, and answers at once. */
async function startCounting() {
  const counts = { opened: 0, open: 0 };
  const server = createServer({ keepAliveTimeout: 0 }, (_, response) => {
    response.end("ok");
  });
  server.on("connection", (socket) => {
    counts.opened++;
    counts.open++;
    socket.on("close", () => counts.open--);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, counts };
}

type Head = Pick<ServerResponse, "statusCode">;

/** One call over a connection. */
function call({ http }: Connection): Promise<Head> {
  return new Promise((resolve, reject) => {
    let statusCode = 0;
    http.dispatch({ path: "/", method: "GET" }, {
      onRequestStart: () => {},
      onResponseStart: (_, status) => void (statusCode = status),
      onResponseData: () => {},
      onResponseEnd: () => resolve({ statusCode }),
      onResponseError: (_, error) => reject(error),
    });
  });
}

test("what is opened before it is needed is used, and all of it is closed", async () => {
  const { origin, counts } = await startCounting();
  const connections = openConnections(30);
  await connections.open(origin, 5);
  await eventually("all of them", () => counts.opened === 5);
  const taken = [1, 2, 3].map(() => connections.take(origin));
  assert.equal(new Set(taken).size, 3);
  for (const one of taken) assert.equal((await call(one)).statusCode, 200);
  // Else their calls would be timed from before they were sent.
  assert.ok(taken.every(({ opening }) => !opening));
  assert.deepEqual(counts, { opened: 5, open: 5 });
  // Two were never used.
  await connections.close();
  await eventually("their end", () => counts.open === 0);
});

test("the idle one that was used last is taken first", async () => {
  const { origin, counts } = await startCounting();
  const connections = openConnections(30);
  const [one, other] = [connections.take(origin), connections.take(origin)];
  assert.notEqual(one, other);
  await call(one);
  await call(other);
  connections.release(other);
  connections.release(one);
  assert.equal(connections.take(origin), one);
  assert.equal(connections.take(origin), other);
  assert.equal(counts.opened, 2);
  await connections.close();
});

test("one that is discarded is not taken again", async () => {
  const { origin, counts } = await startCounting();
  const connections = openConnections(30);
  const first = connections.take(origin);
  await call(first);
  connections.discard(first);
  await eventually("its end", () => counts.open === 0);
  const second = connections.take(origin);
  assert.notEqual(second, first);
  assert.equal((await call(second)).statusCode, 200);
  assert.equal(counts.opened, 2);
  await connections.close();
});

test("an origin has connections of its own", async () => {
  const [one, other] = [await startCounting(), await startCounting()];
  const connections = openConnections(30);
  const first = connections.take(one.origin);
  connections.release(first);
  assert.notEqual(connections.take(other.origin), first);
  assert.equal(connections.take(one.origin), first);
  await connections.close();
});

test("opening what nobody listens on fails no one", async () => {
  const connections = openConnections(30);
  await connections.open("http://127.0.0.1:1", 3);
  const left = connections.take("http://127.0.0.1:1");
  await assert.rejects(call(left), { code: "ECONNREFUSED" });
  await connections.close();
});

test("one that the server has closed connects again", async () => {
  const server = createServer((_, response) => {
    response.setHeader("connection", "close").end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const closing = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connections = openConnections(30);
  const one = connections.take(closing);
  for (let n = 0; n < 3; n++) assert.equal((await call(one)).statusCode, 200);
  await connections.close();
});
