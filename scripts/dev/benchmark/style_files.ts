/** Synthetic results of three styles, of as many rows as are asked for. */
import { once } from "node:events";
import { createWriteStream, writeFileSync } from "node:fs";
import { minIndex, range } from "d3-array";
import { seededDelay } from "../../servers/target/mod.ts";
import { orderOf } from "../../../notebooks/kit/rows/mod.ts";
import { startProgress } from "../../../lib/recording.ts";
import { resultFiles, type Run } from "../../../lib/results.ts";
import { formatRow, header, type Row } from "../../../lib/row.ts";
import { environment } from "../../../lib/runtime.ts";

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

/** When each call of a trial is sent, is with the server, and ends; in seconds. */
interface Calls {
  sent: Float64Array;
  server: Float64Array;
  end: Float64Array;
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
      const order = orderOf(made.end);
      for (let from = 0; from < calls; from += LINES_AT_ONCE) {
        const lines = Array.from(
          order.subarray(from, from + LINES_AT_ONCE),
          (call) => `${formatRow(rowOf(made, call, { name, run, start }))}\n`,
        );
        if (!stream.write(lines.join(""))) await once(stream, "drain");
      }
      const seconds = made.end[order.at(-1)!]!;
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

/** Calls of which at most so many are under way at a time. */
function simulate(calls: number, concurrency: number, trial: number): Calls {
  const [sent, server, end] = [1, 2, 3].map(() => new Float64Array(calls)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const free = new Float64Array(Math.min(calls, concurrency));
  for (let call = 0; call < calls; call++) {
    const place = concurrency < calls ? minIndex(free) : call;
    server[call] = seededDelay(call + 1) * (1 + 0.002 * trial);
    sent[call] = Math.max(free[place]!, call * SEND_SECONDS);
    end[call] = sent[call]! + server[call]! + WAY_SECONDS;
    free[place] = end[call]!;
  }
  return { sent, server, end };
}

function rowOf(
  calls: Calls,
  call: number,
  { name, run, start }: { name: string; run: string; start: number },
): Row {
  const sent = calls.sent[call]!;
  const elapsed = calls.end[call]! - sent;
  const id = call + 1;
  return {
    timestamp: new Date(start + sent * 1000),
    url: `http://127.0.0.1:36165/?id=${id}`,
    status: id % FAILING === 0 ? 503 : 200,
    elapsed,
    error: "",
    name,
    run,
    id: String(id),
    wait: sent,
    ttfb: elapsed - 0.00005,
    server: calls.server[call],
    bytes_out: 0,
    bytes_in: 3,
  };
}
