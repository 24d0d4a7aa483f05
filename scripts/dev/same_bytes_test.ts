/** Rendering depends on the rows alone, not on the runtime, time or place. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  findRuntime,
  notThere,
  runtimeNames,
} from "../chapters/names/find_runtime.ts";
import { temporaryFolder } from "./testing/processes.ts";
import { hostile, writeResults } from "./testing/hostile.ts";

const execute = promisify(execFile);
const report = fileURLToPath(new URL("../report.ts", import.meta.url));

/** Time zones and languages, one for each runtime. */
const places = [
  { TZ: "UTC", LANG: "C" },
  { TZ: "Asia/Kathmandu", LANG: "de_DE.UTF-8" },
  { TZ: "America/St_Johns", LANG: "ar_EG.UTF-8" },
];

/** All chapters as pages, and one as a notebook, whose cells are Markdown. */
const asked = [[], ["three-styles", "--format", "ipynb"]];

test("the same rows give the same bytes on each runtime and in each place", async (t) => {
  const reference = temporaryFolder();
  writeResults(reference, hostile);
  let first: Map<string, string> | undefined;
  for (const [index, name] of runtimeNames.entries()) {
    const runtime = await findRuntime(name);
    if (!runtime) {
      t.diagnostic(`SKIPPED: ${notThere(name)}`);
      continue;
    }
    const results = path.join(temporaryFolder(), `on ${name}`);
    fs.cpSync(reference, results, { recursive: true });
    const run = name === "deno" ? ["run", "-A"] : [];
    const given = [report, "--results", results, "--out", temporaryFolder()];
    const env = { ...process.env, ...places[index] };
    const pages = new Map<string, string>();
    for (const options of asked) {
      const all = [...run, ...given, ...options];
      const { stdout } = await execute(runtime.program, all, { env });
      for (const file of stdout.trim().split("\n")) {
        pages.set(path.basename(file), fs.readFileSync(file, "utf8"));
      }
    }
    first ??= pages;
    assert.deepEqual([...pages.keys()], [...first.keys()]);
    for (const [file, text] of pages) {
      assert.equal(text, first.get(file), `${file} on ${name}`);
      assert.ok(!text.includes(results), `${file} names a folder`);
    }
  }
});
