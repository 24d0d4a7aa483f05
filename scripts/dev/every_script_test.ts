/** What each script that makes calls keeps to. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import test, { after } from "node:test";
import { startServer } from "../../lib/script.ts";
import { spawnScript, temporaryFolder } from "./testing/processes.ts";

const target = await startServer("target.ts");
let asked = 0;
const proxy = http.createServer().on("request", (_, response) => {
  asked++;
  response.end();
}).on("connect", (_, socket) => {
  asked++;
  socket.destroy();
});
await once(proxy.listen(0, "127.0.0.1"), "listening");
after(async () => {
  proxy.close();
  await target.stop();
});

const { port } = proxy.address() as AddressInfo;
const env: NodeJS.ProcessEnv = {
  ...process.env,
  // Deno itself asks other proxies, for packages.
  HTTP_PROXY: `http://127.0.0.1:${port}`,
  http_proxy: `http://127.0.0.1:${port}`,
  NO_PROXY: "",
  no_proxy: "",
};

/** Enough for calls of 100, 200, 300 ms and so on, of which some time out. */
const scripts: Record<string, string[]> = {
  "sync.ts": ["--calls", "5"],
  "async.ts": ["--calls", "5"],
  "semaphore.ts": ["--calls", "5", "--concurrency", "2", "--pause", "100ms"],
  "throttle.ts": ["--calls", "5", "--rate", "5"],
  "fetch.ts": ["--users", "3", "--duration", "900ms"],
  "attack.ts": ["--rate", "10", "--duration", "800ms"],
  "users.ts": ["--users", "3", "--spawn-rate", "5", "--duration", "900ms"],
};
const late = ["--url", `${target.url}/delay/{id}00`, "--timeout", "350ms"];
const MILLISECONDS_TO_END = 30_000;

for (const [script, options] of Object.entries(scripts)) {
  test(`${script} calls the server and no proxy, and ends when its timers have fired`, async () => {
    const out = ["--out", temporaryFolder(), "--json"];
    const all = [...options, ...late, ...out];
    const { child, ended } = spawnScript(script, all, { env });
    const timer = setTimeout(() => child.kill("SIGKILL"), MILLISECONDS_TO_END);
    const { code, stdout, stderr } = await ended;
    clearTimeout(timer);
    assert.equal(code, 0, stderr);
    const { ok, errors } = JSON.parse(stdout);
    assert.ok(ok > 0 && errors.timeout > 0, stdout);
    assert.match(stderr, /HTTP_PROXY.* not used: calls go straight/);
    assert.equal(asked, 0);
  });
}

test("fetch.ts doesn't run where Node is told to use a proxy", async () => {
  const told = { ...env, NODE_USE_ENV_PROXY: "1" };
  const options = ["--duration", "100ms", "--out", temporaryFolder()];
  const { code, stderr } = await spawnScript("fetch.ts", options, { env: told })
    .ended;
  assert.equal(code, 2);
  assert.match(stderr, /HTTP_PROXY.*unset NODE_USE_ENV_PROXY/);
  assert.equal(asked, 0);
});

const withoutRun = ["net", "env", "read", "write", "sys"]
  .map((name) => `--allow-${name}`);

for (const [script, options] of Object.entries(scripts)) {
  test(`${script} ends when its target can't be started`, async () => {
    const all = [...options, "--out", temporaryFolder()];
    const permissions = { permissions: withoutRun };
    const { child, ended } = spawnScript(script, all, permissions);
    const timer = setTimeout(() => child.kill("SIGKILL"), MILLISECONDS_TO_END);
    const { code, stderr } = await ended;
    clearTimeout(timer);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^target\.ts can't be started: /);
  });
}
