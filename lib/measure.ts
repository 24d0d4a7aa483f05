/** Runs a schedule: one row for each call, a summary at the end. */
import path from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, createClient, type Timing, wallClock } from "./call.ts";
import { parseExpectation } from "./expect.ts";
import { main } from "./failure.ts";
import { aborted, onInterrupt } from "./interrupt.ts";
import { count, duration, flag, httpUrl, many } from "./options.ts";
import { readOptions, text, type Values } from "./options.ts";
import { startProgress } from "./progress.ts";
import { openResults, type Run } from "./results.ts";
import type { Row } from "./rows.ts";
import { environment } from "./runtime.ts";
import { startServer } from "./script.ts";
import { formatSummary, summarize, type Summary } from "./summary.ts";

/** The options of every measuring script. */
export const measuring = {
  url: httpUrl(
    "what to call; {id} in it becomes the call's number (default: an " +
      "embedded target, started for the run)",
  ),
  calls: count(50, "how many calls", 1, 10_000_000),
  timeout: duration("30s", "the longest that one whole call may take", {
    aboveZero: true,
  }),
  warmup: count(0, "calls made first, not written down", 0, 10_000_000),
  out: text("FOLDER", "results", "where the CSV goes"),
  append: flag("add to the CSV; without it a new run replaces the file"),
  name: text("NAME", undefined, "what the rows and the file are called", {
    pattern: /^[a-z0-9][\w./-]{0,99}$/i,
    says:
      "takes letters, digits and . _ - / and at most 100, from a letter or digit on",
  }),
  seed: count(1, "seed of whatever is random", 0),
  json: flag("print the summary as one JSON object"),
  expect: many(
    "RULE",
    "exit 3 unless it holds, as in 'p99<500ms' or 'success>=0.99'",
    parseExpectation,
  ),
};

export type MeasuringOptions = Values<typeof measuring>;

export interface Style {
  name: string;
  /** Calls in flight at most, by the style's rule; none if there is no limit. */
  concurrency?: number;
  /** Seconds between two calls at least, by the style's rule. */
  interval?: number;
  /** Whether these two are the whole rule; else nobody knows the optimum. */
  hasOptimum?: boolean;
  /** The script's own options with the {@link measuring} ones. */
  options?: MeasuringOptions;
}

/** What a schedule works with; once it is interrupted, nothing resolves. */
export interface Calls {
  /** The numbers of the calls, from 1. All calls are due when it begins. */
  ids: number[];
  /** Makes one call and writes its row. */
  call(id: number): Promise<Answer>;
  /** Waits that many seconds. */
  sleep(seconds: number): Promise<void>;
}

/**
 * Runs `schedule`, which decides when each call starts. Everything else is done
 * here: options, target, warm-up, timing, rows, Ctrl-C, summary.
 */
export async function measure(
  style: Style,
  schedule: (calls: Calls) => Promise<unknown>,
): Promise<void> {
  const options = style.options ?? readOptions(measuring);
  await main(async () => {
    const { signal, dispose } = onInterrupt();
    const client = createClient(options.timeout);
    const target = options.url
      ? undefined
      : await startServer("target.ts", "--seed", String(options.seed));
    const url = options.url ?? `${target!.url}/?id={id}`;

    async function run(
      ids: number[],
      record: (timing: Timing, id: string, wait: number) => void,
    ) {
      const due = performance.now();
      const inFlight = new Set<Promise<void>>();

      function call(id: number): Promise<Answer> {
        const { promise, resolve } = Promise.withResolvers<Answer>();
        if (signal.aborted) return promise;
        const wait = (performance.now() - due) / 1000;
        const calledUrl = url.replaceAll("{id}", String(id));
        let headers: Answer["headers"] = {};
        const onHeaders = (got: typeof headers) => headers = got;
        const recorded = client.call(calledUrl, { onHeaders }).then(
          (timing) => {
            inFlight.delete(recorded);
            record(timing, String(id), wait);
            if (!signal.aborted) resolve({ status: timing.status, headers });
          },
        );
        inFlight.add(recorded);
        return promise;
      }

      const interrupted = aborted(signal).then(() => {
        client.abort();
        return Promise.all(inFlight);
      });
      const sleep = (seconds: number) =>
        delay(seconds * 1000, undefined, { signal })
          .catch(() => forever);
      await Promise.race([schedule({ ids, call, sleep }), interrupted]);
    }

    try {
      const { calls, warmup } = options;
      if (warmup > 0) await run(range(calls + 1, calls + warmup), () => {});
      // A file that is replaced by nothing would be lost.
      if (signal.aborted) return;
      const recording = startRecording(style, options);
      try {
        await run(range(1, calls), recording.record);
      } finally {
        recording.end(calls);
      }
    } finally {
      await Promise.all([client.close(), target?.stop()]);
      dispose();
    }
  });
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const forever = new Promise<never>(() => {});

export interface Recording {
  run: string;
  /** Writes one row; `wait` is in seconds. */
  record(timing: Timing, id: string, wait?: number): void;
  /** Puts the rows on the disk; resolves when they are, and never after the end. */
  sync(): Promise<void>;
  /** Closes the files and prints the summary of the run. */
  end(calls?: number): Summary;
}

/** Opens the files of a run and records its rows until it ends. */
export function startRecording(
  { name, concurrency, interval, hasOptimum = true }: Style,
  options: Omit<MeasuringOptions, "calls"> & { calls?: number },
  succeeded?: (row: Row) => boolean,
): Recording {
  name = options.name ?? name;
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
    environment: environment(),
  };
  results.save(details);

  const rows: Row[] = [];
  let firstDue = Infinity;
  let lastEnd = -Infinity;
  let ended = false;
  const progress = startProgress(name, options.calls);

  return {
    run,
    record(timing, id, wait) {
      if (ended) return;
      const end = wallClock();
      const response = (wait ?? 0) + (timing.elapsed ?? 0);
      firstDue = Math.min(firstDue, end - response * 1000);
      lastEnd = end;
      const row = { ...timing, name, run, id, wait };
      results.write(row);
      rows.push(row);
      progress.add();
    },
    // After the end nobody's row is on the disk, and nothing may be said so.
    sync: async () => {
      await (ended ? forever : results.sync());
      if (ended) await forever;
    },
    end(calls) {
      ended = true;
      progress.clear();
      const seconds = Math.max(0, (lastEnd - firstDue) / 1000);
      const rule = { concurrency, interval, hasOptimum };
      const summary = {
        ...summarize(rows, { calls, seconds, ...rule, succeeded }),
        name,
        run,
      };
      const end = new Date(wallClock()).toISOString();
      results.save({ ...details, end, calls: summary.calls, seconds });
      results.close();
      console.log(
        options.json
          ? JSON.stringify(summary)
          : formatSummary(summary, results.file),
      );
      for (const expectation of options.expect) {
        const broken = expectation(summary);
        if (broken) console.error(broken);
        if (broken) process.exitCode ||= 3;
      }
      return summary;
    },
  };
}

function randomLetters(): string {
  return Math.random().toString(36).slice(2, 6);
}

/** The command as a shell takes it, without anybody's password. */
function commandLine(): string {
  const script = path.basename(process.argv[1]!);
  const words = process.argv.slice(2).map((word) =>
    /^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
  );
  return withoutPassword([`scripts/${script}`, ...words].join(" "));
}

function withoutPassword(text: string): string {
  return text.replace(/(\w:\/\/)[^@/\s]*@/g, "$1");
}

function plain(options: object): Record<string, unknown> {
  const text = JSON.stringify(
    options,
    (key, value) =>
      key === "positionals" || key === "expect"
        ? undefined
        : typeof value === "string"
        ? withoutPassword(value)
        : value,
  );
  return JSON.parse(text);
}
