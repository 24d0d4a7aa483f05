/**
 * How long does the report of very many rows take, and how much memory?
 *
 *     deno run -A scripts/dev/benchmark_report.ts
 *     deno run -A scripts/dev/benchmark_report.ts --rows 1000000,10000000
 *
 * Writes synthetic rows of sync, async and semaphore-10, three trials of each,
 * to a temporary folder and has scripts/report.ts render their chapter, in a
 * process of its own. Prints the medians of its seconds, its most memory and the
 * size of its page beside what they are to be at most; ! is missed. Ten million
 * rows take 1.3 GB of the disk. The first line says how long it takes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sum } from "d3-array";
import {
  benchmarkReport,
  printReportHeading,
  reportSeconds,
} from "./benchmark/mod.ts";
import { main, onInterrupt } from "../../lib/exit.ts";
import { count, option, readOptions } from "../../lib/options.ts";
import { environment, runtime } from "../../lib/runtime.ts";

const { trials, rows } = readOptions({
  trials: count(5, "how often each is rendered"),
  rows: option(
    "N,N",
    "how many rows, in all files together",
    "1000000",
    (text) =>
      text.split(",").map((number) => count(1, "").parse([number]) as number),
  ),
});

await main(async () => {
  const seconds = sum(rows, (each) => reportSeconds(each, trials));
  const { cpu, cpus } = environment();
  console.log(
    `${runtime}, ${cpus} x ${cpu}, medians of ${trials}, ` +
      `about ${Math.ceil(seconds / 60)} min\n`,
  );
  const { signal, dispose } = onInterrupt();
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-benchmark-"));
  try {
    printReportHeading();
    for (const each of rows) {
      await benchmarkReport({ trials, out, signal }, each);
    }
  } finally {
    await rm(out, { recursive: true });
    dispose();
  }
});
