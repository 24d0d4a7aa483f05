/** Records the rows of a run, and says in the end what they come to. */
import process from "node:process";
import { type Timing, wallClock } from "./client.ts";
import { commandLine, visibleLines, withoutSecret } from "./text.ts";
import { say } from "./exit.ts";
import type { Expectation } from "./expect.ts";
import type { Row } from "./row.ts";
import { openResults, type Run } from "./results.ts";
import { environment } from "./runtime.ts";
import { formatSummary, startSummary, type Summary } from "./summary.ts";
import type { SummaryRules } from "./summary.ts";
import { doubtsOf, type Generator } from "./warnings.ts";

export interface Recording {
  run: string;
  /** Writes one row. */
  record(timing: Timing, id: string): void;
  /**
   * Puts the rows on the disk and resolves when they are there.
   *
   * @throws {Error} after the end, when it can't tell any more
   */
  sync(): Promise<void>;
  /** Closes the files and prints the summary of the run. */
  end(calls?: number, generator?: Generator, counts?: Counts): Summary;
}

/** What a script counted that its rows don't tell. */
type Counts =
  & Pick<Summary, "messages" | "outages" | "connections">
  & Pick<Run, "redelivered">;

/** Those of a measuring script that decide where its rows go and what is printed. */
export interface RecordingOptions {
  name?: string;
  out: string;
  append: boolean;
  calls?: number;
  json: boolean;
  expect: Expectation[];
}

/** Opens the files of a run and records its rows until it ends. */
export function startRecording(
  style: SummaryRules & { name: string },
  options: RecordingOptions,
): Recording {
  const { concurrency, interval, hasOptimum, unique, byMessage } = style;
  const name = options.name ?? style.name;
  const results = openResults(options.out, name, options.append);
  const start = wallClock();
  const run = `${Math.trunc(start).toString(36)}-${randomLetters()}`;
  const details: Run = {
    run,
    name,
    command: commandLine(),
    options: plain(options),
    start: new Date(start).toISOString(),
    concurrency: concurrency ?? null,
    interval,
    hasOptimum,
    unique,
    byMessage,
    environment: environment(),
  };
  try {
    results.save(details);
  } catch (error) {
    results.close();
    throw error;
  }

  const summarizing = startSummary(style);
  let firstDue = Infinity;
  let lastEnd = -Infinity;
  let ended = false;
  const progress = startProgress(name, options.calls);

  return {
    run,
    record(timing, id) {
      if (ended) return;
      const { sent, wait = 0, elapsed = 0 } = timing;
      firstDue = Math.min(firstDue, sent - wait * 1000);
      lastEnd = Math.max(lastEnd, sent + elapsed * 1000);
      const row: Row = Object.assign(timing, { name, run, id });
      row.url = withoutSecret(row.url);
      row.error = withoutSecret(row.error);
      results.write(row);
      summarizing.add(row);
      progress.add();
    },
    async sync() {
      if (!ended) await results.sync();
      if (ended) throw new Error("the run has ended");
    },
    end(calls, generator = {}, counts = {}) {
      ended = true;
      progress.clear();
      const { interrupted, planned = 0 } = generator;
      const measured = Math.max(0, (lastEnd - firstDue) / 1000);
      const total = interrupted ? measured : Math.max(measured, planned);
      const summed = summarizing.end(total, calls, generator.callSeconds);
      const { messages, outages, connections } = counts;
      const told = { messages, outages, connections };
      const summary = { ...summed, ...told, name, run };
      summary.lateness = generator.lateness;
      const { elapsed, wait, inFlight, seconds, impossible = [] } = summary;
      const local = {
        calls: summary.errors.local ?? 0,
        error: summary.firstErrors.local ?? "",
      };
      // Nothing but the generator makes a user wait before the call.
      const lateness = generator.lateness ?? (unique ? wait : undefined);
      const seen = { elapsed, inFlight, local };
      const doubts = [
        ...impossible,
        ...doubtsOf({ ...seen, ...generator, lateness }),
      ];
      if (unique || doubts.length > 0) summary.doubts = doubts;
      const end = new Date(wallClock()).toISOString();
      const { calls: due } = summary;
      try {
        results.save({
          ...details,
          ...counts,
          end,
          interrupted,
          calls: due,
          seconds,
          doubts,
          cpu: generator.cpu?.all,
        });
      } finally {
        results.close();
        const said = options.json
          ? JSON.stringify(summary)
          : formatSummary(summary, results.file);
        console.log(visibleLines(said));
      }
      for (const expectation of options.expect) {
        const broken = expectation(summary);
        if (broken) say(broken);
        if (broken) process.exitCode ||= 3;
      }
      return summary;
    },
  };
}

function randomLetters(): string {
  return Math.random().toString(36).slice(2, 6);
}

function plain(options: object): Record<string, unknown> {
  const text = JSON.stringify(
    options,
    (key, value) =>
      key === "positionals" || key === "expect"
        ? undefined
        : typeof value === "string"
        ? withoutSecret(value)
        : value,
  );
  return JSON.parse(text);
}

const WIDTH = 30;
const MILLISECONDS_BETWEEN = 100;

/** Draws on stderr how many of `total` are done; without a total, how many. */
export function startProgress(label: string, total?: number) {
  const terminal = process.stderr.isTTY;
  const begun = performance.now();
  let done = 0;
  let drawn = -Infinity;

  function draw() {
    drawn = performance.now();
    const share = total ? Math.min(1, done / total) : 0;
    const bar = "#".repeat(share * WIDTH).padEnd(WIDTH, ".");
    const seconds = ((drawn - begun) / 1000).toFixed(1);
    const counted = total ? `[${bar}] ${done}/${total}` : `${done}`;
    process.stderr.write(`\r\x1b[K${label} ${counted} ${seconds} s`);
  }

  return {
    add() {
      done++;
      const quiet = performance.now() - drawn < MILLISECONDS_BETWEEN;
      if (terminal && !quiet) draw();
    },
    clear() {
      if (terminal) process.stderr.write("\r\x1b[K");
    },
  };
}
