/** Writes the rows of a run, shows progress, and prints the summary. */
import process from "node:process";
import { type Timing, wallClock } from "./client.ts";
import { commandLine, visibleLines, withoutSecret } from "./text.ts";
import { say } from "./exit.ts";
import { formatNumber } from "./format.ts";
import type { Expectation } from "./expect.ts";
import type { Row } from "./row.ts";
import { openResults, type Run } from "./results.ts";
import { environment } from "./runtime.ts";
import {
  formatSummary,
  startSummary,
  type Summary,
  type SummaryRules,
} from "./summary.ts";
import type { Distribution } from "./statistics.ts";

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
  /** Closes the files and prints the summary; `calls` were due. */
  end(calls?: number, ending?: Ending, counts?: Counts): Summary;
}

/** What the end of a run is known by, beside its rows. */
export interface Ending {
  /** Whether it was ended before its time. */
  interrupted?: boolean;
  /** How long calls may be made, in seconds, if time ends the run. */
  planned?: number;
  /** How long calls were in flight, all together, in seconds. */
  callSeconds?: number;
  /** How much later than due calls were started, where they are paced. */
  lateness?: Distribution;
  /** Calls that were not sent in time, and that had to wait for an open file. */
  unsent?: number;
  held?: number;
  generator?: Generator;
}

/** What a generator of load is judged by; times are in seconds. */
export type Facts =
  & Pick<Summary, "elapsed" | "wait" | "lateness">
  & Pick<Ending, "unsent">;

/** Watches whether what makes the calls keeps up. */
export interface Generator {
  /** No more calls are started. */
  stop(): void;
  /** Processor time until then, in seconds per second. */
  cpu(): number | undefined;
  /** Why its figures are not to be trusted. */
  doubts(facts: Facts): string[];
}

/** What a script counted beside its rows. */
type Counts =
  & Pick<Summary, "messages" | "outages" | "connections">
  & Pick<Run, "redelivered">;

/** The options of a measuring script that decide what is written and printed. */
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
    end(calls, ending = {}, counts = {}) {
      ended = true;
      progress.clear();
      const { interrupted, planned = 0, callSeconds, generator } = ending;
      const measured = Math.max(0, (lastEnd - firstDue) / 1000);
      const total = interrupted ? measured : Math.max(measured, planned);
      const { messages, outages, connections } = counts;
      const summary: Summary = {
        ...summarizing.end(total, calls, callSeconds),
        ...{ messages, outages, connections, name, run },
        lateness: ending.lateness,
      };
      const doubts = [
        ...warningsOf(summary, ending.held),
        ...generator?.doubts({ ...summary, ...ending }) ?? [],
      ];
      if (generator || doubts.length > 0) summary.doubts = doubts;
      const end = new Date(wallClock()).toISOString();
      try {
        results.save({
          ...details,
          ...counts,
          end,
          interrupted,
          calls: summary.calls,
          seconds: summary.seconds,
          doubts,
          cpu: generator?.cpu(),
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

/** The share by which the two counts of calls in flight may differ. */
const OFF = 0.05;

/** Why the figures of a summary can't be trusted, whatever made the calls. */
export function warningsOf(
  { inFlight, errors, firstErrors, impossible = [] }: Summary,
  held = 0,
): string[] {
  const { mean = 0, law = 0 } = inFlight ?? {};
  const { local = 0 } = errors;
  const error = firstErrors.local ?? "";
  return [
    ...impossible,
    held > 0 &&
    `${counted(held)} had to wait, since this process may open no more files ` +
      "(ulimit -n says how many)",
    local > 0 &&
    `${counted(local)} failed on this machine, not at the server: ` +
      `${shortageOf(error)} (${error.replace(/^local: /, "")})`,
    Math.abs(law - mean) > OFF * mean &&
    `the rows are off: ${formatNumber(mean)} calls were in flight on ` +
      "average, but by Little's law (attempts per second x mean elapsed) " +
      `${formatNumber(law)}; rows are missing or there twice, or their times ` +
      "are wrong",
  ].filter((warning) => typeof warning === "string");
}

function counted(calls: number): string {
  return calls === 1 ? "1 call" : `${calls} calls`;
}

/** What this machine ran out of, and what to do about it. */
function shortageOf(error: string): string {
  if (/EMFILE|ENFILE/.test(error)) return "no more open files; raise ulimit -n";
  if (/ENOBUFS|ENOMEM/.test(error)) {
    return "no memory for more connections; make fewer calls at once";
  }
  return "no free port; call more slowly, keep connections open, or widen " +
    "net.ipv4.ip_local_port_range";
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

/** A live bar on a terminal, silent when piped; without a total, a counter. */
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
