/** How long do the rows take until they are a page, and how much memory? */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { startScript } from "../script.ts";
import type { Bench } from "./bench.ts";
import { writeStyles } from "./style_files.ts";
import { judged, medians, printLine } from "./table.ts";

const execute = promisify(execFile);

const EVERY_MILLISECONDS = 20;
const MB = 1e6;

interface Goal {
  seconds: number;
  /** Memory and page, in megabytes. */
  memory: number;
  page: number;
}

/** Those of the next larger number of rows hold; none beyond. */
const goals: [rows: number, goal: Goal][] = [
  [1_000_000, { seconds: 4, memory: 700, page: 2 }],
  [10_000_000, { seconds: 45, memory: 1500, page: 2 }],
];

/** To write the rows, and to render them. */
export function reportSeconds(rows: number, trials: number): number {
  return rows / 250_000 + trials * (2 + rows / 250_000);
}

export function printReportHeading() {
  printLine("rows", ["seconds", "memory, MB", "page, MB"]);
}

/** Renders the chapter of so many rows, with the start of the runtime. */
export async function benchmarkReport(
  { trials, out, signal }: Bench,
  rows: number,
) {
  const folder = path.join(out, String(rows));
  await mkdir(folder);
  await writeStyles(folder, rows);
  const measured: number[][] = [];
  while (measured.length < trials) measured.push(await render());
  rmSync(folder, { recursive: true });

  const [seconds, memory, page] = medians(measured) as [number, number, number];
  const goal = goals.find(([most]) => rows <= most)?.[1];
  const name = rows.toLocaleString("en-US");
  printLine(name, [
    judged(seconds.toFixed(2), !goal || seconds <= goal.seconds),
    judged(memory.toFixed(0), !goal || memory <= goal.memory),
    judged(page.toFixed(2), !goal || page <= goal.page),
  ]);
  if (goal) {
    const { seconds, memory, page } = goal;
    printLine("  at most", [`${seconds} `, `${memory} `, `${page} `]);
  }

  async function render(): Promise<number[]> {
    const begun = performance.now();
    const script = startScript(
      "report.ts",
      ["three-styles", "--results", folder],
      signal,
    );
    let taken: number | undefined;
    const ended = script.ended
      .finally(() => taken = (performance.now() - begun) / 1000);
    // Whoever waits for it is told of its failure.
    ended.catch(() => {});
    let most = 0;
    while (taken === undefined) {
      most = Math.max(most, await peakBytes(script.pid));
      await sleep(EVERY_MILLISECONDS);
    }
    const html = (await ended).trim();
    return [taken, most / MB, statSync(html).size / MB];
  }
}

/**
 * The most memory that a process had at a time: by Linux's own account, which
 * misses nothing, or else what it has now, by ps.
 */
async function peakBytes(pid: number): Promise<number> {
  const file = `/proc/${pid}/status`;
  try {
    const kilobytes = existsSync(file)
      ? /VmHWM:\s*(\d+)/.exec(readFileSync(file, "utf8"))?.[1]
      : (await execute("ps", ["-o", "rss=", "-p", String(pid)])).stdout;
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}
