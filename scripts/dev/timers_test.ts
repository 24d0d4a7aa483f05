/** A timer that has fired must not keep a script from its end. */
import assert from "node:assert/strict";
import process from "node:process";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { asParent } from "../../lib/exit.ts";
import { startServer } from "../../lib/script.ts";
import { spawnScript, temporaryFolder } from "./testing/processes.ts";

const target = await startServer("target.ts");
after(target.stop);

const MILLISECONDS_TO_END = 30_000;
const env = { ...process.env, ...asParent() };

/** What it said, when it has ended by itself. */
async function endsByItself(script: string, options: string[]) {
  const { child, ended } = spawnScript(script, options, { env });
  const over = new AbortController();
  const { signal } = over;
  const late = sleep(MILLISECONDS_TO_END, undefined, { signal }).then(
    () => child.kill("SIGKILL"),
    () => {},
  );
  const { code, stdout, stderr } = await ended;
  over.abort();
  await late;
  assert.notEqual(code, null, `${script} does not end\n${stderr}`);
  return stdout;
}

/** Calls that last longer than --timeout, in some of which the next one is due. */
const late = ["--url", `${target.url}/delay/{id}00`, "--timeout", "350ms"];

const scripts: Record<string, string[]> = {
  "sync.ts": ["--calls", "5"],
  "async.ts": ["--calls", "5"],
  "semaphore.ts": ["--calls", "5", "--concurrency", "2", "--pause", "100ms"],
  "throttle.ts": ["--calls", "5", "--rate", "5"],
  "fetch.ts": ["--users", "3", "--duration", "900ms"],
  "attack.ts": ["--rate", "10", "--duration", "800ms"],
  "users.ts": ["--users", "3", "--spawn-rate", "5", "--duration", "900ms"],
};

for (const [script, options] of Object.entries(scripts)) {
  test(`${script} ends by itself after each of its timers has fired`, async () => {
    const out = ["--out", temporaryFolder(), "--json"];
    const said = await endsByItself(script, [...options, ...late, ...out]);
    const { ok, errors } = JSON.parse(said);
    assert.ok(ok > 0 && errors.timeout > 0, said);
  });
}
