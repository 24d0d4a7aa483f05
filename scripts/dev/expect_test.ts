/** What --expect makes of runs in which no call succeeds. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import test from "node:test";
import { runScript, temporaryFolder } from "./testing/processes.ts";

/** A port of which nobody listens any more. */
const server = createServer();
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo;
server.close();

const short = ["--duration", "200ms"];
const scripts: Record<string, string[]> = {
  "sync.ts": ["--calls", "3"],
  "async.ts": ["--calls", "3"],
  "semaphore.ts": ["--calls", "3"],
  "throttle.ts": ["--calls", "3"],
  "p-throttle.ts": ["--calls", "3"],
  "attack.ts": ["--rate", "20", ...short],
  "users.ts": ["--users", "1", "--think", "100ms", ...short],
  "fetch.ts": ["--users", "1", ...short],
};

for (const [script, options] of Object.entries(scripts)) {
  test(`${script} expects no time of calls that all fail`, async () => {
    const url = ["--url", `http://127.0.0.1:${port}/`];
    const { code, stderr } = await runScript(
      script,
      ...[...url, "--out", temporaryFolder(), ...options],
      ...["--expect", "p99<1m", "--expect", "success<1"],
    );
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^expected p99<1m, but no call succeeded\n$/m);
  });
}

test("--find finds no rate at which no call succeeds", async () => {
  const { code, stdout } = await runScript(
    "attack.ts",
    ...["--url", `http://127.0.0.1:${port}/`, "--out", temporaryFolder()],
    ...["--rate", "4", ...short],
    ...["--find", "p99<1m", "--find", "success>=0"],
  );
  assert.equal(code, 1);
  assert.match(stdout, /^p99<1m and success>=0 does not hold even at 1\/s/m);
});
