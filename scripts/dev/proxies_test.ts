/** Calls never go through a proxy that the environment names. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import test, { after } from "node:test";
import { spawnScript, temporaryFolder } from "./testing/processes.ts";

let asked = 0;
const proxy = http.createServer((_, response) => {
  asked++;
  response.end();
});
proxy.on("connect", (_, socket) => {
  asked++;
  socket.destroy();
});
await once(proxy.listen(0, "127.0.0.1"), "listening");
after(() => proxy.close());

// Deno itself asks other proxies, for packages.
const names = ["HTTP_PROXY", "http_proxy"];
const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
const env: NodeJS.ProcessEnv = {
  ...process.env,
  ...Object.fromEntries(names.map((name) => [name, address])),
  NO_PROXY: "",
  no_proxy: "",
};

const few: Record<string, string[]> = {
  "sync.ts": ["--calls", "3"],
  "attack.ts": ["--rate", "10", "--duration", "300ms"],
  "users.ts": ["--users", "2", "--duration", "300ms"],
  "fetch.ts": ["--users", "2", "--duration", "300ms"],
};

for (const [script, options] of Object.entries(few)) {
  test(`${script} calls the server and not a proxy, and says so`, async () => {
    const all = [...options, "--out", temporaryFolder(), "--json"];
    const { code, stdout, stderr } = await spawnScript(script, all, { env })
      .ended;
    assert.equal(code, 0, stderr);
    const { attempts, ok } = JSON.parse(stdout);
    assert.ok(attempts > 0 && ok === attempts, stdout);
    assert.match(stderr, /HTTP_PROXY.* not used: calls go straight/);
    assert.equal(asked, 0);
  });
}

test("fetch.ts doesn't run where Node is told to use a proxy", async () => {
  const told = { ...env, NODE_USE_ENV_PROXY: "1" };
  const options = ["--duration", "100ms", "--out", temporaryFolder()];
  const { ended } = spawnScript("fetch.ts", options, { env: told });
  const { code, stderr } = await ended;
  assert.equal(code, 2);
  assert.match(stderr, /HTTP_PROXY.*unset NODE_USE_ENV_PROXY/);
  assert.equal(asked, 0);
});
