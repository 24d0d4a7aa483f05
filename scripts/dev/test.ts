/**
 * Do all tests pass on Deno, Bun and Node?
 *
 *     deno run -A scripts/dev/test.ts
 *     deno run -A scripts/dev/test.ts --all
 *
 * Runs the *_test.ts under Deno, and those that depend on the runtime under Bun
 * and Node too: the one on the PATH where it is new enough, else one that npx
 * fetches. Leaves out the slow ones, unless --all is given, which also runs every
 * published snippet on the three runtimes.
 *
 * The last line counts the tests of all.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { flag, readOptions } from "../../lib/options.ts";
import {
  findRuntime,
  notThere,
  type RuntimeName,
} from "../chapters/names/mod.ts";

interface Runtime {
  name: RuntimeName;
  test: string[];
  /** Where its own summary says what passed, failed and was skipped. */
  summary: RegExp;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Most tests wait for another process: three keep two processors busy. */
const AT_ONCE = 3;

/** Tests of what depends on the runtime: sockets, files, processes, timers. */
const onEach = tests(`
  lib/client lib/client_faults lib/files lib/results lib/schedule
  scripts/attack scripts/queue scripts/servers scripts/target scripts/throttle
  scripts/users scripts/webhook
  scripts/chapters/run scripts/dev/faults scripts/dev/styles
  scripts/fetch/fetch_client scripts/load/generator
  scripts/load/metronome/metronome scripts/load/open_files
`);
/** They take half a minute and more, or look again at what has its own tests. */
const slow = tests(`
  scripts/frameworks scripts/ladder scripts/long_bodies scripts/runtimes
  scripts/dev/hostile_browser scripts/dev/known_truth
  scripts/dev/nothing_lost scripts/dev/odd_results scripts/dev/passwords
  scripts/dev/permissions scripts/dev/same_bytes
  notebooks/kit/charts_browser
`);
/** They come first, so that the others run beside them. */
const longest = tests(`
  scripts/queue scripts/attack scripts/webhook scripts/demo_browser
  scripts/dev/odd_results scripts/dev/hostile_browser scripts/dev/snippets
  notebooks/kit/page_browser
`);

/** The files of tests by their names, each of which has to be there. */
function tests(names: string): Set<string> {
  const files = names.trim().split(/\s+/).map((name) => `${name}_test.ts`);
  for (const file of files) {
    if (!existsSync(path.join(root, file))) throw new Error(`no ${file}`);
  }
  return new Set(files);
}

const folder = mkdtempSync(path.join(tmpdir(), "call-styles-test-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const env: NodeJS.ProcessEnv = {
  ...process.env,
  NO_COLOR: "1",
  // Most of the work is to start scripts, and Node keeps what it compiles only
  // if it is told where.
  NODE_COMPILE_CACHE: path.join(folder, "node"),
  DENO_JOBS: String(AT_ONCE),
};

const runtimes: Runtime[] = [
  {
    name: "deno",
    // The types are for `deno task check`. A copy of the lock file: the browser
    // of the tests is not to get into it.
    test: ["test", "-A", "--no-check", "--parallel"]
      .concat(`--lock=${copyOf("deno.lock")}`),
    summary:
      /\| (?<passed>\d+) passed.*\| (?<failed>\d+) failed(?: \| (?<skipped>\d+) ignored)?/g,
  },
  {
    name: "bun",
    test: ["test", "--timeout", "60000", `--parallel=${AT_ONCE}`],
    summary:
      /^ *(?<passed>\d+) pass\n(?: *(?<skipped>\d+) skip\n)? *(?<failed>\d+) fail$/gm,
  },
  {
    name: "node",
    test: ["--test", `--test-concurrency=${AT_ONCE}`, "--test-reporter=spec"],
    summary:
      /^ℹ pass (?<passed>\d+)\nℹ fail (?<failed>\d+)\n.*\nℹ skipped (?<skipped>\d+)$/gm,
  },
];

const total = { passed: 0, failed: 0, skipped: 0 };
const notes: string[] = [];

// A bare `deno test` or `node --test` takes this file for one of the tests. Node
// tells what is main only from 24.2 on.
if ((import.meta.main ?? true) && !process.env.NODE_TEST_CONTEXT) {
  const { all } = readOptions({
    all: flag("the slow tests too"),
  });
  if (all) env.CALL_STYLES_TEST = "all";
  // While one is tested the next ones are fetched.
  const commands = runtimes.map(({ name }) => findRuntime(name));
  for (const [index, runtime] of runtimes.entries()) {
    const files = filesOf(runtime.name, all);
    await testOn(runtime, (await commands[index])?.program, files);
  }
  for (const note of notes) console.log(note);
  const { passed, failed, skipped } = total;
  if (failed > 0 || passed === 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

function copyOf(file: string): string {
  const copy = path.join(folder, file);
  copyFileSync(path.join(root, file), copy);
  return copy;
}

/** Runs the tests on one runtime and adds to the total what it counted. */
async function testOn(
  runtime: Runtime,
  program: string | undefined,
  all: string[],
) {
  const { name } = runtime;
  if (!program) {
    total.skipped++;
    notes.push(`SKIPPED all of ${name}: ${notThere(name)}`);
    return;
  }
  const { code, output } = await run(runtime, program, all);
  const counts = [...output.matchAll(runtime.summary)].at(-1)?.groups;
  for (const kind of ["passed", "failed", "skipped"] as const) {
    total[kind] += Number(counts?.[kind] ?? 0);
  }
  for (const [line] of output.matchAll(/^SKIPPED .*/gm)) {
    notes.push(`${line} (${name})`);
  }
  // A crash, for example, is in no count.
  if (counts && (code === 0) === (Number(counts.failed) === 0)) return;
  total.failed++;
  notes.push(`FAILED: ${name} ended with code ${code}, and not as it counts`);
}

/** Those that take longest first. */
function filesOf(name: string, all: boolean): string[] {
  return globSync("{lib,scripts,notebooks}/**/*_test.ts", { cwd: root })
    .filter((file) => name === "deno" || onEach.has(file))
    .filter((file) => all || !slow.has(file))
    .sort((a, b) =>
      Number(longest.has(b)) - Number(longest.has(a)) || (a < b ? -1 : 1)
    );
}

async function run(
  { test }: Runtime,
  program: string,
  files: string[],
): Promise<{ code: number; output: string }> {
  console.log(`\n${program}`);
  const paths = files.map((file) => `./${file}`);
  const child = spawn(program, [...test, ...paths], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      written[stream] += text;
      process[stream].write(text);
    });
  }
  const [code] = await once(child, "close");
  return { code, output: `${written.stdout}\n${written.stderr}` };
}
