import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import type { Client } from "../call.ts";
import { eventually } from "../testing.ts";
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
    assert.ok(client.callSeconds() > 0);
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

test("what never answers is a timeout, and what can't be called an error", async () => {
  await withClient(0.05, async (client, url) => {
    const late = await client.call({ url: `${url}/never` });
    assert.equal(late.error, "timeout: no end in 0.05 s");
    assert.equal(late.status, undefined);
    for (const gone of [`${url}/cut`, "http://127.0.0.1:1/"]) {
      assert.match(
        (await client.call({ url: gone })).error,
        /^(other|timeout): /,
      );
    }
    assert.equal(client.inFlight(), 0);
  });
});

test("an interruption ends what is in flight, which can be waited for", async () => {
  await withClient(10, async (client, url, server) => {
    let asked = 0;
    server.on("request", () => asked++);
    const calls = [1, 2].map(() => client.call({ url: `${url}/never` }));
    await eventually("both calls", () => asked === 2);
    assert.equal(client.inFlight(), 2);
    const drained = client.drain();
    client.abort();
    for (const { error } of await Promise.all(calls)) {
      assert.equal(error, "aborted: the run was interrupted");
    }
    await drained;
    await client.drain();
  });
});
