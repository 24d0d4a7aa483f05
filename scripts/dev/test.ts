/**
 * Do all tests pass on Deno, Bun and Node?
 *
 *     deno run -A scripts/dev/test.ts
 *     deno run -A scripts/dev/test.ts --all
 *
 * Runs the *_test.ts under each runtime: the one on the PATH where it is new
 * enough, else one that npx fetches. Only Deno runs those that import a browser by
 * npm: specifiers, and those that are the same under all. What takes long is left
 * out. With --all nothing is, but the browsers on Bun and Node.
 *
 * One runtime after the other runs a few files at the same time; a file that fails
 * beside others is run once more alone. The last line counts the tests of all.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
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
  /** The files with a failure, in what it writes. */
  failures(output: string): string[];
}

/** Most tests wait for another process: three keep two processors busy. */
const AT_ONCE = 3;

/** What takes longest comes first, so that the others have it beside them. */
const long =
  /(_browser|nothing_lost|snippets|same_bytes|odd_results)_test\.ts$/;
/** Other runtimes can't import a browser as Deno does. */
const browser = /_browser_test\.ts$/;
/**
 * Deno alone runs these unless all are wanted: they only compute, look at texts
 * and pictures that are made of the same rows by the same code, or have scripts
 * run each other that all runtimes test one by one.
 */
const denoOnly = files(
  ...["notebooks/[\\w/-]+", "lib/row", "statistics", "laws", "limiters"],
  ...["arrivals", "expect", "highest_rate", "search", "retry_after"],
  ...[
    "visible",
    "summary",
    "report",
    "readme",
    "compare",
    "kills",
    "full_disk",
  ],
  ...[
    "odd_results",
    "impossible_results",
    "same_bytes",
    "snippets",
    "passwords",
    "terminal",
  ],
  ...["house", "permissions", "ladder", "frameworks", "scripts/runtimes"],
);
/**
 * These take half a minute and more, and are run where all are wanted, so that
 * the others are run often. scripts/dev/soak.ts does what the first of them does, and
 * most of the others look once more at what has tests of its own.
 */
const thorough = files(
  ...["nothing_lost", "loss", "known_truth", "long_bodies"],
  ...["ladder", "frameworks", "scripts/runtimes", "permissions", "passwords"],
  ...["same_bytes", "odd_results"],
  ...["odd_browser", "charts_browser"],
);

function files(...names: string[]): RegExp {
  return new RegExp(`(^|/)(${names.join("|")})_test\\.ts$`);
}

const folder = mkdtempSync(path.join(tmpdir(), "call-styles-test-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const env = {
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
    failures: (output) => found(output, /^\.\/(\S+_test\.ts) => .* FAILED/gm),
  },
  {
    name: "bun",
    test: ["test", "--timeout", "60000", `--parallel=${AT_ONCE}`],
    summary:
      /^ *(?<passed>\d+) pass\n(?: *(?<skipped>\d+) skip\n)? *(?<failed>\d+) fail$/gm,
    failures(output) {
      // Under the name of their file.
      const parts = output.split(/^(?=\S+_test\.ts:$)/m);
      const failed = parts.filter((part) => /^\(fail\) /m.test(part));
      return found(failed.join("\n"), /^(\S+_test\.ts):$/gm);
    },
  },
  {
    name: "node",
    test: ["--test", `--test-concurrency=${AT_ONCE}`, "--test-reporter=spec"],
    summary:
      /^ℹ pass (?<passed>\d+)\nℹ fail (?<failed>\d+)\n.*\nℹ skipped (?<skipped>\d+)$/gm,
    failures(output) {
      // A test may be made in another file, and then fails in its own.
      const [, failing = ""] = output.split("failing tests:");
      return found(
        failing,
        /((?:lib|scripts|notebooks)\/\S+_test\.ts):\d+:\d+/g,
      );
    },
  },
];

const total = { passed: 0, failed: 0, skipped: 0 };
const notes: string[] = [];

// A bare `deno test` or `node --test` takes this file for one of the tests. Node
// tells what is main only from 24.2 on.
if ((import.meta.main ?? true) && !process.env.NODE_TEST_CONTEXT) {
  const { all } = readOptions({
    all: flag("every file on every runtime that can run it"),
  });
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
  copyFileSync(file, copy);
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
  const first = await run(runtime, program, all);
  total.passed += first.passed;
  total.skipped += first.skipped;
  // What it can't count, a crash for example, is a failure as well.
  if (first.code === 0 && first.hasSummary) return;
  const files = runtime.failures(first.output);
  // Other work on the machine makes late, but not each time.
  for (const file of first.hasSummary ? files : []) {
    const again = await run(runtime, program, [file]);
    if (again.code === 0 && again.passed > 0) {
      notes.push(`${file} failed beside others, and passed alone (${name})`);
      continue;
    }
    total.failed += Math.max(1, again.failed);
    notes.push(`FAILED: ${file} (${name})`);
  }
  if (files.length > 0 && first.hasSummary) return;
  total.failed += Math.max(1, first.failed);
  notes.push(
    first.hasSummary
      ? `FAILED: ${name} ended with code ${first.code}`
      : `FAILED: ${name} has no summary to read`,
  );
}

/** Those that take longest first. */
function filesOf(name: string, all: boolean): string[] {
  const exclude = (name: string) => /(^|\/)(node_modules|results)$/.test(name);
  return globSync("**/*_test.ts", { exclude })
    .filter((file) => name === "deno" || !browser.test(file))
    .filter((file) => all || !thorough.test(file))
    .filter((file) => all || name === "deno" || !denoOnly.test(file))
    .sort((a, b) =>
      Number(long.test(b)) - Number(long.test(a)) || (a < b ? -1 : 1)
    );
}

async function run(
  { name, test, summary }: Runtime,
  program: string,
  files: string[],
) {
  console.log(`\n${program}`);
  const paths = files.map((file) => `./${file}`);
  const child = spawn(program, [...test, ...paths], {
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
  const output = `${written.stdout}\n${written.stderr}`;
  const counts = [...output.matchAll(summary)].at(-1)?.groups;
  for (const [line] of output.matchAll(/^SKIPPED .*/gm)) {
    notes.push(`${line} (${name})`);
  }
  return {
    code,
    output,
    hasSummary: counts !== undefined,
    passed: Number(counts?.passed ?? 0),
    failed: Number(counts?.failed ?? 0),
    skipped: Number(counts?.skipped ?? 0),
  };
}

/** Each only once. */
function found(output: string, file: RegExp): string[] {
  return [...new Set([...output.matchAll(file)].map(([, name]) => name!))];
}
