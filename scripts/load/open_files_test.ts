import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { checkOpenFiles } from "./open_files.ts";
import {
  command,
  mostConnections,
  openFileLimit,
  parseOpenFileLimit,
} from "../../lib/runtime.ts";
import {
  saysWrong,
  temporaryFolder,
  testUnless,
} from "../dev/testing/processes.ts";

const heading = "Limit            Soft Limit   Hard Limit   Units     \n";
const line = (soft: string, hard: string) =>
  `${heading}Max processes    96365        96365        processes \n` +
  `Max open files   ${soft.padEnd(12)} ${hard.padEnd(12)} files     \n` +
  "Max file locks   unlimited    unlimited    locks     \n";

test("the soft limit is read", () => {
  for (const soft of [0, 1, 256, 1024, 1_048_576]) {
    assert.equal(parseOpenFileLimit(line(String(soft), "9999999")), soft);
  }
  assert.equal(parseOpenFileLimit(line("unlimited", "unlimited")), Infinity);
});

test("a text without the limit says nothing", () => {
  for (const text of ["", heading, line("many", "more")]) {
    assert.equal(parseOpenFileLimit(text), undefined);
  }
});

test("connections pass if they and a reserve fit the limit, and else not", async () => {
  for (const limit of [65, 256, 1024, 1_048_576]) {
    checkOpenFiles(mostConnections(limit), "--users", limit);
    const said = await saysWrong(() =>
      checkOpenFiles(mostConnections(limit) + 1, "--users 9", limit)
    );
    assert.match(said, RegExp(`^--users 9 needs ${limit + 1} open files`));
    assert.match(said, RegExp(`allows ${limit}; run ulimit -n ${limit + 1} `));
  }
});

test("any number passes where there is no limit, and where nobody knows it", () => {
  checkOpenFiles(10 ** 9, "--users", Infinity);
  const limit = openFileLimit();
  if (limit === undefined) checkOpenFiles(10 ** 9, "--users");
  else assert.ok(limit > 0);
});

const folder = temporaryFolder();
/** Where Deno finds what the module imports. */
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a process of this runtime sees, after `shell` has set its limits. */
async function seen(shell: string, permissions = ["-A"]): Promise<string> {
  const script = path.join(folder, "limit.mjs");
  const module = new URL("../../lib/runtime.ts", import.meta.url).href;
  fs.writeFileSync(
    script,
    `import { openFileLimit } from "${module}";
console.log(String(openFileLimit()));`,
  );
  const words = ["-c", `${shell}; exec "$@"`, "sh"]
    .concat(command(script, [...permissions, `--config=${config}`]));
  const { stdout } = await promisify(execFile)("sh", words);
  return stdout.trim();
}

const missing = fs.existsSync("/proc/self/limits")
  ? undefined
  : "/proc/self/limits";

for (const limit of [256, 300]) {
  testUnless(missing, `ulimit -n ${limit} is seen`, async () => {
    assert.equal(await seen(`ulimit -n ${limit}`), String(limit));
  });
}

test("without the permission to look there is no limit, and no error", async () => {
  // Without any of them, Deno's node:child_process would put -A.
  for (const permission of ["--allow-env", "--allow-read"]) {
    const limit = await seen(":", ["--no-prompt", permission]);
    if (process.versions.deno) assert.equal(limit, "undefined");
    else assert.match(limit, /^(undefined|Infinity|\d+)$/);
  }
});
