/** Synthetic results of three styles, of as many rows as are asked for. */
import { once } from "node:events";
import { createWriteStream, writeFileSync } from "node:fs";
import { range } from "d3-array";
import { seededDelay } from "../delay.ts";
import { startProgress } from "../progress.ts";
import { resultFiles, type Run } from "../results.ts";
import { formatRow, header, type Row } from "../rows.ts";
import { environment } from "../runtime.ts";

const TRIALS = 3;
const styles = [
  { name: "sync", concurrency: 1 },
  { name: "async", concurrency: null },
  { name: "semaphore-10", concurrency: 10 },
];

/** How many runs {@link writeStyles} shares the rows among. */
export const RUNS = styles.length * TRIALS;

/** Between two calls that nothing holds back, and for each call's way. */
const SEND_SECONDS = 0.00002;
const WAY_SECONDS = 0.0007;
/** One call in so many fails. */
const FAILING = 5000;
const LINES_AT_ONCE = 10_000;

interface Call {
  id: number;
  sent: number;
  end: number;
  server: number;
}

/**
 * Writes about so many rows in all, as scripts/sync.ts, async.ts and
 * semaphore.ts do: in the order in which the calls end. Trials take turns.
 */
export async function writeStyles(folder: string, rows: number) {
  const calls = Math.max(1, Math.round(rows / RUNS));
  const progress = startProgress("rows", RUNS);
  for (const [place, { name, concurrency }] of styles.entries()) {
    const { csv, json } = resultFiles(folder, name);
    const stream = createWriteStream(csv);
    stream.write(`${header}\n`);
    const runs: Run[] = [];
    for (const trial of range(TRIALS)) {
      const start = Date.UTC(2026, 0, 1, 24 * (trial * styles.length + place));
      const run = `${name}-run-${trial}`;
      const made = simulate(calls, concurrency ?? Infinity, trial);
      for (let from = 0; from < calls; from += LINES_AT_ONCE) {
        const lines = made.slice(from, from + LINES_AT_ONCE)
          .map((call) => `${formatRow(rowOf(call, { name, run, start }))}\n`);
        if (!stream.write(lines.join(""))) await once(stream, "drain");
      }
      const seconds = made.at(-1)!.end;
      runs.push({
        run,
        name,
        command: `scripts/${name.split("-")[0]}.ts --calls ${calls}`,
        options: { calls },
        start: new Date(start).toISOString(),
        end: new Date(start + seconds * 1000).toISOString(),
        concurrency,
        calls,
        seconds,
        environment: environment(),
      });
      progress.add();
    }
    stream.end();
    await once(stream, "close");
    writeFileSync(json, JSON.stringify({ runs }));
  }
  progress.clear();
}

/** The calls of one trial, at most so many at a time, as they end. */
function simulate(calls: number, concurrency: number, trial: number): Call[] {
  const free = new Array<number>(Math.min(calls, concurrency)).fill(0);
  return range(calls).map((index) => {
    const slot = concurrency === Infinity ? index : leastOf(free);
    const server = seededDelay(index + 1) * (1 + 0.002 * trial);
    const sent = Math.max(free[slot]!, index * SEND_SECONDS);
    const end = sent + server + WAY_SECONDS;
    free[slot] = end;
    return { id: index + 1, sent, end, server };
  }).sort((one, other) => one.end - other.end);
}

function leastOf(values: number[]): number {
  return values.indexOf(Math.min(...values));
}

function rowOf(
  { id, sent, end, server }: Call,
  { name, run, start }: { name: string; run: string; start: number },
): Row {
  return {
    timestamp: new Date(start + sent * 1000),
    url: `http://127.0.0.1:36165/?id=${id}`,
    status: id % FAILING === 0 ? 503 : 200,
    elapsed: end - sent,
    error: "",
    name,
    run,
    id: String(id),
    wait: sent,
    ttfb: end - sent - 0.00005,
    server,
    bytes_out: 0,
    bytes_in: 3,
  };
}
