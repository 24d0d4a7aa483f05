import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { messageOf } from "./exit.ts";
import { parseServer } from "../scripts/chapters/frameworks/servers.ts";
import { startScript } from "./script.ts";
import {
  spawnScript,
  temporaryFolder,
} from "../scripts/dev/testing/processes.ts";

/** So many that they come in several chunks, which end within a character. */
const euros = "€".repeat(200_000);
const folder = temporaryFolder();
const never = new AbortController().signal;

/** A script outside of `scripts/`, by its path from there. */
function scriptOf(name: string, code: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, `import process from "node:process";\n${code}\n`);
  const scripts = fileURLToPath(new URL("../scripts", import.meta.url));
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
  const said = await startScript(talking, [], never).ended;
  assert.ok(said === euros);
  const failure = await startScript(failing, [], never).ended
    .catch(messageOf);
  assert.ok(failure.endsWith(`failed:\n${euros}`));
  const { stdout } = await spawnScript(talking, []).ended;
  assert.ok(stdout === euros);
  const { stderr } = await spawnScript(failing, []).ended;
  assert.ok(stderr === euros);
});

test("what a server says that can't be started is read as it was said", async () => {
  const saying = path.join(folder, "saying");
  fs.writeFileSync(saying, euros);
  const { start } = parseServer(`gone=cat '${saying}' >&2; exit 3`);
  const why = await start().then(String, messageOf);
  assert.match(why, /ended with code 3\n€+$/);
});
