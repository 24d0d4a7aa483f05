/** What was measured: the files of `results/`, read back as trials. */
import { checkRows } from "../../../lib/queue/rows/mod.ts";
import fs from "node:fs";
import { greatest } from "d3-array";
import {
  type ColumnsRow,
  ColumnsRows,
  eachRow,
  type Rows,
} from "../rows/mod.ts";
import { messageOf } from "../../../lib/exit.ts";
import type { Row } from "../../../lib/row.ts";
import { resultFiles } from "../../../lib/results.ts";
import { readDetails, type Run } from "./details.ts";
import {
  startSummary,
  type Summary,
  type SummaryRules,
} from "../../../lib/summary.ts";
import { watchForGap } from "./gap.ts";

/** One run of a style: its rows, their summary, and how it was made. */
export interface Trial {
  rows: Rows;
  summary: Summary;
  /** From the JSON beside the CSV, if it lists the run. */
  run?: Run;
}

/** All that the files of one name hold. */
export interface Measured {
  name: string;
  /**
   * The runs that lasted to their end; each is one trial. If none of a load did,
   * the newest that was cut off.
   */
  trials: Trial[];
  /** Each as `file:line: what is wrong`. */
  problems: string[];
}

/** What a chart draws of a row takes up to a kilobyte. */
export const MOST_ROWS = 1_000_000;
/** Bins take no object for a row, only its 40 bytes. */
export const MOST_IN_BINS = 20_000_000;
const PROBLEMS_SHOWN = 5;

/** The names that have a CSV in the folder, in alphabetical order. */
export function measuredNames(folder: string): string[] {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return fs.readdirSync(folder).sort()
    .map((file) => /^metrics_(.+)\.csv$/s.exec(file)?.[1])
    .filter((name) => name !== undefined);
}

/**
 * Reads the trials of a name, with all rows or the first `keep` of each run. Never
 * throws: what can't be read is a problem, and the rest is there. A file with more
 * than `most` rows can't be read whole.
 */
export function readTrials(
  folder: string,
  name: string,
  { rules, keep, most = keep === undefined ? MOST_ROWS : undefined }: {
    rules?: SummaryRules;
    keep?: number;
    most?: number;
  } = {},
): Measured {
  const { csv, json } = resultFiles(folder, name);
  const { runs, problems } = readRuns(csv, json, { rules, keep, most });
  const whole = wholeOnes(runs, csv);
  return {
    name,
    trials: whole.trials,
    problems: [...problems, ...whole.problems],
  };
}

/**
 * Reads all runs of a CSV, and what the JSON beside it says of them. Never
 * throws.
 */
export function readRuns(
  csv: string,
  json: string,
  { rules, most, keep = Infinity, onRow }: {
    /** How the runs are summarised, beside what is known of them. */
    rules?: SummaryRules;
    /** How many rows a file may have. */
    most?: number;
    /** How many rows of each run are kept. */
    keep?: number;
    onRow?: (row: Row, trial: Trial) => void;
  } = {},
): { runs: Trial[]; problems: string[] } {
  const details = fs.existsSync(csv) ? readDetails(json) : undefined;
  const { runs = [], problems: ofDetails = [] } = details ?? {};
  const started = new Map<string, ReturnType<typeof startTrial>>();
  let latest: ReturnType<typeof startTrial> | undefined;
  /** Of the lines that can't be read, those above all rows. */
  let unread = 0;

  function take(row: ColumnsRow, isOther: boolean) {
    // Neighbours are of one run nearly always.
    if (latest?.id !== row.run || latest.name !== row.name) {
      const key = `${row.run} ${row.name}`;
      latest = started.get(key) ?? startTrial(row, runs, isOther, rules);
      started.set(key, latest);
      latest.lose(unread);
      unread = 0;
    }
    const { trial, rows, add } = latest;
    add(row);
    onRow?.(row, trial);
    if (rows.length < keep) rows.push(row);
  }

  function skip() {
    // Whose row it is can't be read either, but nearly always that of those above.
    if (latest) latest.lose(1);
    else unread++;
  }

  const problems = readShown(csv, take, most, skip);
  if (started.size === 0) return { runs: [], problems };
  const trials = [...started.values()].map(({ end }) => end());
  problems.push(
    ...impossibleIn(trials, csv),
    ...trials.flatMap((trial) => repetition(trial, csv)),
    ...ofDetails,
  );
  if (ofDetails.length > 0) return { runs: trials, problems };
  for (const { run, summary } of trials) {
    if (!run) problems.push(`${json}:1: run ${summary.run} is not in it`);
  }
  return { runs: trials, problems };
}

/** What nothing can have measured in the rows of a file, by one of its runs. */
function impossibleIn(trials: Trial[], csv: string): string[] {
  const found = trials.filter(({ summary }) => summary.impossible);
  if (found.length === 0) return [];
  const { run, impossible } = found[0]!.summary;
  return [
    `${csv}: impossible values in ${found.length} of ${trials.length} runs, ` +
    `as in ${run}: ${impossible!.join("; ")}`,
  ];
}

/** The problem of a run that is in its file twice. */
function repetition({ run, summary }: Trial, csv: string): string[] {
  const { repeated = 0, attempts, name, run: id } = summary;
  const calls = run?.unique ? run.calls ?? Infinity : Infinity;
  const more = Math.max(repeated, attempts - calls);
  if (more <= 0) return [];
  const rows = more === 1 ? "1 row" : `${more} rows`;
  return [
    `${csv}: run ${id} of ${name} has ${rows} of calls that it has already: ` +
    "is it in the file twice?",
  ];
}

/** A run whose rows are still being read. */
function startTrial(
  { run: id, name }: Row,
  runs: Run[],
  isOther: boolean,
  given?: SummaryRules,
) {
  const run = runs.find((run) => run.run === id);
  const { concurrency, interval, hasOptimum, byMessage } = run ?? {};
  // No other tool that is read calls again, or by messages.
  const unique = run?.unique ?? isOther;
  // Without the style's rule its optimum is unknown.
  const rules = run
    ? { concurrency, interval, hasOptimum }
    : { hasOptimum: false };
  const { add, end } = startSummary({
    ...{ ...rules, unique, byMessage },
    checks: checkRows(byMessage ? "published" : "due"),
    ...given,
  });
  const rows = new ColumnsRows();
  const trial = { rows, run } as unknown as Trial;
  // Our own rows have their run.
  const gap = isOther ? watchForGap() : undefined;
  let unread = 0;
  return {
    id,
    name,
    rows,
    trial,
    lose(lines: number) {
      unread += lines;
    },
    add(row: Row) {
      add(row);
      gap?.add(row);
    },
    end(): Trial {
      // A killed run has no `calls`, but its options do.
      const calls = run?.calls ?? run?.options.calls as number | undefined;
      // How many calls of a cut-off load were due is unknown.
      const due = isCutOff(run) || calls === undefined
        ? undefined
        : calls - unread;
      trial.summary = end(run?.seconds, due);
      if (unread > 0) {
        // Without all of its calls its optimum is unknown.
        const unknown = { optimum: undefined, efficiency: undefined };
        Object.assign(trial.summary, { unread, ...unknown });
      }
      const seconds = gap?.end();
      if (seconds !== undefined) {
        Object.assign(trial.summary, { gap: seconds, rate: undefined });
      }
      return trial;
    },
  };
}

/**
 * The runs that are trials: those that ran to their end. A batch of calls that
 * ended early is none, since its total time is not that of the others; a load is,
 * unless it was cut off. If all runs of a load were cut off, the newest is a trial.
 */
export function wholeOnes(
  runs: Trial[],
  csv: string,
): { trials: Trial[]; problems: string[] } {
  const trials: Trial[] = [];
  const cut: Trial[] = [];
  const problems: string[] = [];
  for (const trial of runs) {
    const { run, summary } = trial;
    if (summary.unsent > 0 && !run?.unique) {
      const sent = `${summary.calls - summary.unsent} of its ${summary.calls}`;
      problems.push(
        `${csv}: run ${summary.run} has ${sent} calls and is left out`,
      );
    } else (isCutOff(run) ? cut : trials).push(trial);
  }
  if (trials.length === 0 && cut.length > 0) {
    const newest = greatest(cut, ({ rows }) => rows.at(0)!.timestamp)!;
    trials.push(newest);
    cut.splice(cut.indexOf(newest), 1);
  }
  for (const { run } of cut) {
    problems.push(`${csv}: run ${run!.run} ${cutOff(run!)} and is left out`);
  }
  return { trials, problems };
}

/** Whether the run of a load ended before it had made all its calls. */
export function isCutOff(run: Run | undefined): boolean {
  return run?.unique === true && (run.interrupted === true || !run.end);
}

/** What {@link isCutOff} comes from, after the run's name. */
export function cutOff({ interrupted }: Run): string {
  return interrupted ? "was interrupted" : "was killed or is under way";
}

/** Reads the rows of a file, and returns what is wrong with it. */
function readShown(
  file: string,
  onRow: (row: ColumnsRow, isOther: boolean) => void,
  most: number | undefined,
  onUnread: () => void,
): string[] {
  try {
    const problems = eachRow(file, onRow, most, onUnread);
    const shown = problems.slice(0, PROBLEMS_SHOWN)
      .map(({ line, message }) => `${file}:${line}: ${message}`);
    const more = problems.length - shown.length;
    if (more > 0) shown.push(`${file}: ${more} more lines are skipped`);
    return shown;
  } catch (error) {
    return [`${file}: ${reasonOf(error)}`];
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder, and no file";
  return messageOf(error);
}

/**
 * The trial whose total time is the median one; of two, the shorter. Any trial, if
 * none has a total time.
 */
export function medianTrial(trials: Trial[]): Trial {
  const timed = trials.filter(({ summary }) => summary.seconds !== undefined);
  const sorted = (timed.length > 0 ? timed : trials).toSorted((a, b) =>
    (a.summary.seconds ?? 0) - (b.summary.seconds ?? 0)
  );
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
