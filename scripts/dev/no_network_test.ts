/** Runs on a machine without a network, or without a free port. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { resultFiles } from "../../lib/results.ts";
import { command } from "../../lib/runtime.ts";
import {
  eventually,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";

const URL_OF_NOTHING = "http://127.0.0.1:9/";

/** A network whose loopback interface is down: all calls fail at once. */
const namespace = ["unshare", "--map-root-user", "--net", "sh", "-c"];
/** Sets it up with only ten ports for connections. */
const FEW_PORTS = "ip link set lo up && " +
  "echo 40000 40009 > /proc/sys/net/ipv4/ip_local_port_range";

function whyNot(prepare: string): string | undefined {
  const [program, ...rest] = [...namespace, prepare];
  try {
    execFileSync(program!, rest, { stdio: "ignore" });
  } catch {
    return `no network namespace can be made here: ${prepare}`;
  }
}

/** Starts a script in its own network, after a shell command there. */
function start(script: string, options: string[], prepare = "true") {
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const shell = [...namespace, `${prepare} && exec "$@"`, "sh"];
  const [program, ...rest] = [...shell, ...command(file)];
  const child = spawn(program!, [...rest, ...options]);
  const said = Promise.all([text(child.stdout!), text(child.stderr!)]);
  const ended = Promise.withResolvers<number | null>();
  child.on("close", ended.resolve);
  return { child, said, ended: ended.promise };
}

/** More work than a script can do before it is interrupted. */
const endless: Record<string, string[]> = {
  "sync.ts": ["--calls", "10000000"],
  "async.ts": ["--calls", "200000"],
  "throttle.ts": ["--calls", "200000", "--rate", "10000000"],
  "users.ts": ["--users", "1", "--duration", "10m"],
  "fetch.ts": ["--users", "1", "--duration", "10m"],
  "attack.ts": ["--rate", "10000", "--duration", "10m"],
};

const missing = whyNot("true");

for (const [script, options] of Object.entries(endless)) {
  testUnless(
    missing,
    `Ctrl-C ends ${script} where all calls fail at once`,
    async () => {
      const { csv, options: out } = newOutput();
      const { child, said, ended } = start(script, [...out, ...options]);
      await eventually(
        "rows",
        () => sizeOf(csv) > 1000 || child.exitCode !== null,
      );
      const interrupted = Date.now();
      process.kill(child.pid!, "SIGINT");
      assert.equal(await ended, 130);
      const { calls, failed, unsent } = JSON.parse((await said)[0]);
      assert.equal(failed + unsent, calls);
      // Summing up many rows takes time, so look at the last call.
      const [last] = fs.readFileSync(csv, "utf8").trim().split("\n").slice(-1);
      const late = Date.parse(last!.split(",")[0]!) - interrupted;
      assert.ok(late < 1000, `the last call was sent ${late} ms later`);
    },
  );
}

/** The CSV of a run, and the options that write it there. */
function newOutput() {
  const out = temporaryFolder();
  const options = ["--url", URL_OF_NOTHING, "--name", "a", "--out", out];
  const { csv } = resultFiles(out, "a");
  return { csv, options: [...options, "--json"] };
}

const sizeOf = (file: string) =>
  fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;

testUnless(
  missing,
  "users end on time where all calls fail at once",
  async () => {
    const options = ["--users", "1", "--duration", "500ms"];
    const all = [...newOutput().options, ...options];
    const { said, ended } = start("users.ts", all);
    assert.equal(await ended, 0);
    const { ok, failed } = JSON.parse((await said)[0]);
    assert.equal(ok, 0);
    assert.ok(failed > 0);
  },
);

testUnless(
  whyNot(FEW_PORTS),
  "having no free port is blamed on this machine, not on the server",
  async () => {
    const options = ["--calls", "30", "--out", temporaryFolder(), "--json"];
    const { said, ended } = start("async.ts", options, FEW_PORTS);
    assert.equal(await ended, 0);
    const [stdout] = await said;
    const { ok, errors, firstErrors, doubts } = JSON.parse(stdout);
    assert.ok(ok > 0);
    assert.deepEqual(errors, { local: 30 - ok });
    assert.match(firstErrors.local, /^local: connect (EADDRNOTAVAIL|EINVAL)/);
    assert.match(doubts.join(), /failed on this machine.*no free port.*widen/);
  },
);
