/**
 * Do all tests pass on Deno, Bun and Node?
 *
 *     deno run -A scripts/test.ts
 *
 * Runs every *_test.ts under each runtime: the one on the PATH where it is new
 * enough, else one that npx fetches. Only Deno runs *_browser_test.ts, which
 * import a browser by npm: specifiers. Two runtimes test at the same time, and
 * are shown one after the other. The last line counts the tests of all.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, globSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { readOptions } from "../lib/options.ts";

interface Runtime {
  name: string;
  /** The oldest version that will do, and the package of one that does. */
  least: string;
  npm: string;
  test: string[];
  /** Where its own summary says what passed, failed and was skipped. */
  summary: RegExp;
}

const runtimes: Runtime[] = [
  {
    name: "deno",
    least: "2.0.0",
    npm: "deno@2",
    // A copy of the lock file: the browser of the tests is not to get into it.
    test: ["test", "-A", `--lock=${copyOf("deno.lock")}`],
    summary:
      /\| (?<passed>\d+) passed.*\| (?<failed>\d+) failed(?: \| (?<skipped>\d+) ignored)?/g,
  },
  {
    name: "bun",
    least: "1.2.0",
    npm: "bun@1",
    test: ["test", "--timeout", "60000"],
    summary:
      /^ *(?<passed>\d+) pass\n(?: *(?<skipped>\d+) skip\n)? *(?<failed>\d+) fail$/gm,
  },
  {
    name: "node",
    least: "22.18.0",
    npm: "node@24",
    test: ["--test", "--test-concurrency=2", "--test-reporter=spec"],
    summary:
      /^ℹ pass (?<passed>\d+)\nℹ fail (?<failed>\d+)\n.*\nℹ skipped (?<skipped>\d+)$/gm,
  },
];

/** Most tests wait for another process: two take little longer than one. */
const AT_ONCE = 2;

const total = { passed: 0, failed: 0, skipped: 0 };
const notes: string[] = [];

// A bare `deno test` or `node --test` takes this file for one of the tests. Node
// tells what is main only from 24.2 on.
if ((import.meta.main ?? true) && !process.env.NODE_TEST_CONTEXT) {
  readOptions({});
  const running = new Set<Promise<void>>();
  let shown = Promise.resolve();
  for (const runtime of runtimes) {
    if (running.size === AT_ONCE) await Promise.race(running);
    const tested = testOn(runtime, shown);
    running.add(tested);
    tested.then(() => running.delete(tested));
    shown = Promise.all([shown, tested]).then(() => {});
  }
  await shown;
  for (const note of notes) console.log(note);
  const { passed, failed, skipped } = total;
  if (failed > 0 || passed === 0) process.exitCode = 1;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

function copyOf(file: string): string {
  const copy = path.join(tmpdir(), `call-styles-${process.pid}-${file}`);
  copyFileSync(file, copy);
  process.on("exit", () => rmSync(copy));
  return copy;
}

/**
 * Runs all tests on one runtime and adds to the total what it counted. Shows
 * what it writes as soon as those `before` it are shown.
 */
async function testOn(runtime: Runtime, before: Promise<void>) {
  const { name, least, npm, test, summary } = runtime;
  const command = findCommand(runtime);
  if (!command) {
    total.skipped++;
    notes.push(
      `SKIPPED all of ${name}: there is no ${name} from ${least} on in the ` +
        `PATH, and npx can't fetch ${npm}`,
    );
    return;
  }

  const show = inTurn(before);
  show("stdout", `\n${command.join(" ")}\n`);
  const exclude = (name: string) => /(^|\/)(node_modules|results)$/.test(name);
  const files = globSync("**/*_test.ts", { exclude }).sort()
    .filter((file) => name === "deno" || !file.endsWith("_browser_test.ts"))
    .map((file) => `./${file}`);
  const [program, ...options] = [...command, ...test, ...files];
  const child = spawn(program!, options, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      output[stream] += text;
      show(stream, text);
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

/** Writes as it is told, but nothing until those `before` it are over. */
function inTurn(before: Promise<void>) {
  const held: [stream: "stdout" | "stderr", text: string][] = [];
  let open = false;
  before.then(() => {
    open = true;
    for (const [stream, text] of held) process[stream].write(text);
  });
  return (stream: "stdout" | "stderr", text: string) => {
    if (open) process[stream].write(text);
    else held.push([stream, text]);
  };
}

/** The runtime on the PATH if it is new enough, else the one from npm. */
function findCommand({ name, least, npm }: Runtime): string[] | undefined {
  return [[name], ["npx", "-y", npm]].find(([program, ...options]) => {
    const { stdout } = spawnSync(program!, [...options, "--version"]);
    const [version] = /\d+\.\d+\.\d+/.exec(String(stdout)) ?? [];
    return version && compare(version, least) >= 0;
  });
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
