/** How long do scripts/compare.ts and a million rows on each side take? */
import { once } from "node:events";
import { createWriteStream, writeFileSync } from "node:fs";
import { median, range } from "d3-array";
import { seededDelay } from "../../servers/target/mod.ts";
import { startProgress } from "../../../lib/recording.ts";
import { resultFiles, type Run } from "../../../lib/results.ts";
import { formatRow, header } from "../../../lib/row.ts";
import { environment } from "../../../lib/runtime.ts";
import { startScript } from "../../../lib/script.ts";
import type { Bench } from "./bench.ts";
import { judged, printLine } from "./tables.ts";

const RUNS = 10;
const CALLS = 100_000;
const GOAL_SECONDS = 5;
/** Between two calls, and between the starts of two runs of one side. */
const CALL_MILLISECONDS = 2;
const RUN_MILLISECONDS = 1e6;

export const speedSeconds = (trials: number) => 20 + trials * 5;

/** From the command to its end, with the start of the runtime in it. */
export async function benchmarkSpeed({ trials, out, signal }: Bench) {
  console.log(`\nSpeed: compare.ts, two files of ${RUNS} runs, in each`);
  console.log(`of which ${CALLS} rows; the median of ${trials}`);
  const files = [await makeFile(out, "a", 1), await makeFile(out, "b", 1.05)];
  const taken: number[] = [];
  while (taken.length < trials) {
    const begun = performance.now();
    await startScript("compare.ts", files, signal).ended;
    taken.push((performance.now() - begun) / 1000);
  }
  const seconds = median(taken)!;
  const text = judged(`${seconds.toFixed(2)} s`, seconds <= GOAL_SECONDS);
  printLine("the whole process", [text, `goal: ${GOAL_SECONDS} s`]);
}

/** Rows as a measuring script writes them, `factor` times as slow as it has it. */
async function makeFile(out: string, name: string, factor: number) {
  const { csv, json } = resultFiles(out, name);
  const progress = startProgress(`rows of ${name}`, RUNS);
  const stream = createWriteStream(csv);
  stream.write(`${header}\n`);
  const runs: Run[] = [];
  for (const number of range(RUNS)) {
    const start = Date.UTC(2026, 0) + number * RUN_MILLISECONDS * factor;
    const run = `${name}-${number}`;
    const lines = range(CALLS).map((index) => {
      const id = number * CALLS + index;
      const elapsed = factor * seededDelay(id);
      return formatRow({
        timestamp: new Date(start + index * CALL_MILLISECONDS),
        url: `http://127.0.0.1:8080/?id=${index + 1}`,
        status: 200,
        elapsed,
        error: "",
        name,
        run,
        id: String(index + 1),
        wait: 0.000123,
        ttfb: elapsed,
        server: elapsed - 0.0005,
        bytes_out: 0,
        bytes_in: 3,
      });
    });
    if (!stream.write(`${lines.join("\n")}\n`)) await once(stream, "drain");
    runs.push({
      run,
      name,
      command: "scripts/attack.ts",
      options: { calls: CALLS },
      start: new Date(start).toISOString(),
      end: new Date(start + CALLS * CALL_MILLISECONDS).toISOString(),
      concurrency: null,
      calls: CALLS,
      unique: true,
      seconds: CALLS * CALL_MILLISECONDS / 1000,
      environment: environment(),
    });
    progress.add();
  }
  stream.end();
  await once(stream, "close");
  progress.clear();
  writeFileSync(json, JSON.stringify({ runs }));
  return csv;
}
