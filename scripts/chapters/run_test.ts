import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../lib/exit.ts";
import { runtime } from "../../lib/runtime.ts";
import { run, start, words } from "./run.ts";
import {
  eventually,
  spawnScript,
  temporaryFolder,
} from "../dev/testing/processes.ts";

/** Enough for several chunks, some of which end within a character. */
const euros = "€".repeat(200_000);
const folder = temporaryFolder();

/** A script outside of `scripts/`, by its path from there. */
function scriptOf(name: string, code: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, `import process from "node:process";\n${code}\n`);
  const scripts = fileURLToPath(new URL("..", import.meta.url));
  return path.relative(scripts, file);
}

const says = (stream: string) =>
  `process.${stream}.write("€".repeat(${euros.length}));`;

test("what a script says is read as it was said", async () => {
  const talking = scriptOf("talking.ts", says("stdout"));
  const failing = scriptOf(
    "failing.ts",
    `process.exitCode = 1;\n${says("stderr")}`,
  );
  const said = await run`${talking}`;
  assert.ok(said === euros);
  const failure = await run`${failing}`.catch(messageOf);
  assert.ok(failure.endsWith(`failed:\n${euros}`));
});

test("a value is one word with all its characters, and a list is several", () => {
  const [value, list] = ["a 'b' $(c)\n", ["d e", "f"]];
  assert.deepEqual(
    words`x.ts --one ${value} --glued ${1}/${2}s  ${list}
      --last ${[]}`,
    ["x.ts", "--one", value, "--glued", "1/2s", "d e", "f", "--last"],
  );
});

test("a script gets each word as it is", async () => {
  const given = ["a 'b' $(c)\n*", "-x", "ü;&"];
  const echo = scriptOf(
    "echo.ts",
    "process.stdout.write(JSON.stringify(process.argv.slice(2)));",
  );
  assert.deepEqual(JSON.parse(await run`${echo} ${given}`), given);
});

test("a script that is stopped ends in order, and one that is killed at once", async () => {
  const patient = scriptOf(
    "patient.ts",
    `process.on("SIGTERM", () => { console.log("bye"); process.exit(130); });
    setInterval(() => {}, 1000);
    console.error("ready");`,
  );
  const [one, other] = [start`${patient}`, start`${patient}`];
  await Promise.all([one.said("ready"), other.said("ready")]);
  assert.equal(await one.stop(), "bye\n");
  await other.kill();
  assert.throws(() => process.kill(other.pid, 0));
});

/** The processes whose command line names a text. */
function processesOf(text: string): string[] {
  return fs.globSync("/proc/[0-9]*/cmdline").filter((file) => {
    try {
      return fs.readFileSync(file, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

test("Ctrl-C ends what a chapter started, and what was measured stays", async () => {
  const out = path.join(folder, "interrupted");
  const { child, ended } = spawnScript(
    "runtimes.ts",
    words`--jobs attack,users --only ${runtime.split(" ")[0]!}
      --duration 1h --out ${out}`,
  );
  const isMeasured = () =>
    fs.globSync(path.join(out, "*.csv"))
      .some((file) => fs.readFileSync(file, "utf8").includes(",200,"));
  await eventually("a row", isMeasured);
  process.kill(child.pid!, "SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /^interrupted; what was measured is in /m);
  assert.ok(isMeasured());
  assert.deepEqual(processesOf(out), []);
});
