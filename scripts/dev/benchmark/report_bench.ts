/** How long do the rows take until they are a page, and how much memory? */
import { statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { watchMemory } from "../../chapters/runtimes/mod.ts";
import { startScript } from "../../../lib/script.ts";
import type { Bench } from "./bench.ts";
import { writeStyles } from "./style_files.ts";
import { judged, medians, printLine } from "./tables.ts";

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
  await rm(folder, { recursive: true });

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
    const { pid, ended } = startScript(
      "report.ts",
      ["three-styles", "--results", folder],
      signal,
    );
    const peak = watchMemory(pid);
    try {
      const page = (await ended).trim();
      const seconds = (performance.now() - begun) / 1000;
      return [seconds, (peak() ?? NaN) / MB, statSync(page).size / MB];
    } finally {
      peak();
    }
  }
}
