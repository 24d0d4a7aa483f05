/**
 * Do all tests pass on Deno, Bun and Node?
 *
 *     deno run -A scripts/test.ts
 *
 * Runs every *_test.ts under each runtime: the one on the PATH where it is new
 * enough, else one that npx fetches. Only Deno runs those that import a browser by
 * npm: specifiers, and some that are the same under all. One runtime after the
 * other runs a few files at the same time. The last line counts the tests of all.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { readOptions } from "../lib/options.ts";

const execute = promisify(execFile);

interface Runtime {
  name: string;
  /** The oldest version that will do, and the package of one that does. */
  least: string;
  npm: string;
  test: string[];
  /** Where its own summary says what passed, failed and was skipped. */
  summary: RegExp;
}

/** Most tests wait for another process: three keep two processors busy. */
const AT_ONCE = 3;

/** What takes longest comes first, so that the others have it beside them. */
const long = /(_browser|nothing_lost)_test\.ts$/;
/**
 * Deno alone runs these: they import a browser, look at texts and pictures that
 * are made of the same rows by the same code, or have scripts run each other that
 * all runtimes test one by one.
 */
const denoOnly =
  /(_browser|_notebook|report|passwords|terminal|permissions|ladder|frameworks|benchmark_loss)_test\.ts$/;

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
    least: "2.0.0",
    npm: "deno@2",
    // The types are for `deno task check`. A copy of the lock file: the browser
    // of the tests is not to get into it.
    test: ["test", "-A", "--no-check", "--parallel"]
      .concat(`--lock=${copyOf("deno.lock")}`),
    summary:
      /\| (?<passed>\d+) passed.*\| (?<failed>\d+) failed(?: \| (?<skipped>\d+) ignored)?/g,
  },
  {
    name: "bun",
    // The first with --parallel that doesn't crash.
    least: "1.3.14",
    npm: "bun@1",
    test: ["test", "--timeout", "60000", `--parallel=${AT_ONCE}`],
    summary:
      /^ *(?<passed>\d+) pass\n(?: *(?<skipped>\d+) skip\n)? *(?<failed>\d+) fail$/gm,
  },
  {
    name: "node",
    least: "22.18.0",
    npm: "node@24",
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
  readOptions({});
  // While one is tested the next ones are fetched.
  const commands = runtimes.map(findCommand);
  for (const [index, runtime] of runtimes.entries()) {
    await testOn(runtime, await commands[index]);
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

/** Runs all tests on one runtime and adds to the total what it counted. */
async function testOn(
  { name, least, npm, test, summary }: Runtime,
  command: string[] | undefined,
) {
  if (!command) {
    total.skipped++;
    notes.push(
      `SKIPPED all of ${name}: there is no ${name} from ${least} on in the ` +
        `PATH, and npx can't fetch ${npm}`,
    );
    return;
  }

  console.log(`\n${command.join(" ")}`);
  const exclude = (name: string) => /(^|\/)(node_modules|results)$/.test(name);
  const files = globSync("**/*_test.ts", { exclude })
    .filter((file) => name === "deno" || !denoOnly.test(file))
    .sort((a, b) =>
      Number(long.test(b)) - Number(long.test(a)) || (a < b ? -1 : 1)
    )
    .map((file) => `./${file}`);
  const [program, ...options] = [...command, ...test, ...files];
  const child = spawn(program!, options, {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      output[stream] += text;
      process[stream].write(text);
    });
  }
  const [code] = await once(child, "close");

  const lines = output.stdout + "\n" + output.stderr;
  const counts = [...lines.matchAll(summary)].at(-1)?.groups ?? {};
  const failed = Number(counts.failed ?? 0);
  total.passed += Number(counts.passed ?? 0);
  total.skipped += Number(counts.skipped ?? 0);
  // What it can't count, a crash for example, is a failure as well.
  total.failed += code === 0 && counts.passed ? failed : Math.max(1, failed);
  if (!counts.passed) notes.push(`FAILED: ${name} has no summary to read`);
  else if (code !== 0) notes.push(`FAILED: ${name} ended with code ${code}`);
  for (const [line] of lines.matchAll(/^SKIPPED .*/gm)) {
    notes.push(`${line} (${name})`);
  }
}

/** The runtime on the PATH if it is new enough, else the one from npm. */
async function findCommand({ name, least, npm }: Runtime) {
  for (const [program, ...options] of [[name], ["npx", "-y", npm]]) {
    const { stdout } = await execute(program!, [...options, "--version"])
      .catch(() => ({ stdout: "" }));
    const [version] = /\d+\.\d+\.\d+/.exec(stdout) ?? [];
    if (version && compare(version, least) >= 0) return [program!, ...options];
  }
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
