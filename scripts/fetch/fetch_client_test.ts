import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import net, { type AddressInfo } from "node:net";
import test, { after } from "node:test";
import tls from "node:tls";
import type { Client } from "../../lib/client.ts";
import { eventually } from "../dev/testing/processes.ts";
import { selfSigned, testKey } from "../dev/testing/certificates.ts";
import { createFetchClient } from "./fetch_client.ts";

/** A server, and a client whose calls take so many seconds at most. */
async function withClient(
  timeout: number,
  work: (client: Client, url: string, server: Server) => Promise<void>,
) {
  const server = createServer(async (request, response) => {
    if (request.url === "/never") return;
    if (request.url === "/cut") return response.destroy();
    if (request.url === "/away") response.setHeader("location", "/");
    response.statusCode = Number(
      { "/away": 302, "/gone": 410 }[request.url!] ?? 200,
    );
    response.setHeader("server-timing", "app;dur=1.5");
    const [body = "ok\n"] = await Array.fromAsync(request);
    response.end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const client = createFetchClient(timeout);
  try {
    await work(client, `http://127.0.0.1:${port}`, server);
  } finally {
    await client.close();
    server.close();
    server.closeAllConnections();
  }
}

test("a call has a status, its bytes, its times and what the server says", async () => {
  await withClient(10, async (client, url) => {
    const body = new TextEncoder().encode("hello");
    const due = performance.now() - 50;
    const row = await client.call({ url, method: "POST", body }, due);
    assert.deepEqual([row.status, row.error], [200, ""]);
    assert.deepEqual([row.bytes_out, row.bytes_in, row.server], [5, 5, 0.0015]);
    assert.ok(row.ttfb! > 0 && row.elapsed! >= row.ttfb!);
    assert.ok(row.wait! >= 0.05);
    assert.ok(client.inFlight.callSeconds() > 0);
  });
});

test("a refusal is an answer, and a redirection leads to one", async () => {
  await withClient(10, async (client, url) => {
    for (const [page, status] of [["/gone", 410], ["/away", 200]] as const) {
      const row = await client.call({ url: url + page });
      assert.deepEqual([row.status, row.error], [status, ""]);
    }
  });
});

test("what never answers is a timeout", async () => {
  await withClient(0.05, async (client, url) => {
    const late = await client.call({ url: `${url}/never` });
    assert.equal(late.error, "timeout: incomplete after 50.0 ms");
    assert.equal(late.status, undefined);
    assert.equal(client.inFlight.count(), 0);
  });
});

/** Starts a server, whose origin without the protocol it resolves to. */
async function listen(server: net.Server): Promise<string> {
  after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers with a text, and then ends the connection. */
const answering = (text: string) =>
  listen(net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(text));
  }));

const secure = await listen(
  tls.createServer({ key: testKey, cert: selfSigned })
    .on("tlsClientError", () => {}),
);
const closed = net.createServer();
const refusing = await listen(closed);
closed.close();

/** Bun has one code for all that ends before the headers. */
const failures: [RegExp, string][] = [
  [/^refused: /, `http://${refusing}`],
  [/^dns: /, "http://no-such-host.invalid"],
  [/^tls: /, `https://${secure}`],
  [/^reset: /, `http://${await answering("")}`],
  [/^(protocol|reset): /, `http://${await answering("lorem ipsum\r\n\r\n")}`],
  [
    /^protocol: body truncated$/,
    `http://${await answering("HTTP/1.1 200\r\ncontent-length: 9\r\n\r\nx")}`,
  ],
];

for (const [error, url] of failures) {
  test(`the class of a failure is known: ${error.source}`, async () => {
    const client = createFetchClient(10);
    assert.match((await client.call({ url })).error, error);
    await client.close();
  });
}

test("an interruption ends what is in flight, which can be waited for", async () => {
  await withClient(10, async (client, url, server) => {
    let asked = 0;
    server.on("request", () => asked++);
    const calls = [1, 2].map(() => client.call({ url: `${url}/never` }));
    await eventually("both calls", () => asked === 2);
    assert.equal(client.inFlight.count(), 2);
    const drained = client.inFlight.empty();
    client.abort();
    for (const { error } of await Promise.all(calls)) {
      assert.equal(error, "aborted: the run was interrupted");
    }
    await drained;
    await client.inFlight.empty();
  });
});
