/** What was measured: the files of `results/`, read back as trials. */
import fs from "node:fs";
import { greatest, group } from "d3-array";
import { messageOf } from "../failure.ts";
import { readRows } from "../read_rows.ts";
import { resultFiles, type Run } from "../results.ts";
import type { Row } from "../rows.ts";
import { summarize, type Summary } from "../summary.ts";
import { readDetails } from "./details.ts";

/** One run of a style: its rows, what they come to, and who made them. */
export interface Trial {
  rows: Row[];
  summary: Summary;
  /** What the JSON beside the CSV says; not there if it says nothing. */
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

/** A row takes half a kilobyte, and the charts need more. */
const MOST_ROWS = 1_000_000;
const PROBLEMS_SHOWN = 5;

/** The names that have a CSV in the folder, in alphabetical order. */
export function measuredNames(folder: string): string[] {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return fs.readdirSync(folder).sort()
    .map((file) => /^metrics_(.+)\.csv$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
}

/**
 * Reads the trials of a name. Never throws: what can't be read is a problem, and
 * the rest is there. A run that ended early is one too, because its total time
 * is not that of the others, unless it was to last for some time anyway and
 * nobody cut it off.
 */
export function readTrials(
  folder: string,
  name: string,
  succeeded?: (row: Row) => boolean,
): Measured {
  const { csv, json } = resultFiles(folder, name);
  const { rows, problems } = readShown(csv);
  if (rows.length === 0) return { name, trials: [], problems };
  const { runs, problems: ofDetails } = readDetails(json);
  problems.push(...ofDetails);

  const trials: Trial[] = [];
  const cut: Trial[] = [];
  for (const [id, ofRun] of group(rows, (row) => row.run)) {
    const run = runs.find((run) => run.run === id);
    if (!run && ofDetails.length === 0) {
      problems.push(`${json}:1: run ${id} is not in it`);
    }
    const summary = summarizeRun(ofRun, run, succeeded);
    if (summary.unsent > 0 && !run?.unique) {
      const sent = `${ofRun.length} of its ${summary.calls} calls`;
      problems.push(`${csv}: run ${id} has ${sent} and is left out`);
    } else (isCutOff(run) ? cut : trials).push({ rows: ofRun, summary, run });
  }
  if (trials.length === 0 && cut.length > 0) {
    const newest = greatest(cut, ({ rows }) => rows[0]!.timestamp)!;
    trials.push(newest);
    cut.splice(cut.indexOf(newest), 1);
  }
  for (const { run } of cut) {
    problems.push(`${csv}: run ${run!.run} ${cutOff(run!)} and is left out`);
  }
  return { name, trials, problems };
}

/** Whether the run of a load ended before it had made all its calls. */
export function isCutOff(run: Run | undefined): boolean {
  return run?.unique === true && (run.interrupted === true || !run.end);
}

/** What {@link isCutOff} comes from, after the run's name. */
export function cutOff({ interrupted }: Run): string {
  return interrupted ? "was interrupted" : "was killed or is under way";
}

function readShown(file: string): { rows: Row[]; problems: string[] } {
  try {
    const { rows, problems } = readRows(file, MOST_ROWS);
    const shown = problems.slice(0, PROBLEMS_SHOWN)
      .map(({ line, message }) => `${file}:${line}: ${message}`);
    const more = problems.length - shown.length;
    if (more > 0) shown.push(`${file}: ${more} more lines are skipped`);
    return { rows, problems: shown };
  } catch (error) {
    return { rows: [], problems: [`${file}: ${reasonOf(error)}`] };
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  return messageOf(error);
}

function summarizeRun(
  rows: Row[],
  run: Run | undefined,
  succeeded?: (row: Row) => boolean,
): Summary {
  // A killed run has no calls; what it was told to do stands in its options.
  const calls = run?.calls ?? run?.options.calls as number | undefined;
  // Nobody knows what became of the calls after somebody cut off a load.
  const due = isCutOff(run) ? 0 : calls ?? 0;
  const { seconds, concurrency, interval, hasOptimum, unique } = run ?? {};
  const called = new Set(rows.map(({ id }) => id)).size;
  const summary = summarize(rows, {
    calls: Math.max(due, called),
    seconds,
    concurrency,
    interval,
    hasOptimum,
    unique,
    succeeded,
  });
  // Without the style's rule nobody knows its optimum.
  if (!run) summary.optimum = summary.efficiency = undefined;
  return summary;
}

/** The trial whose total time is the median one; of two, the shorter. */
export function medianTrial(trials: Trial[]): Trial {
  const sorted = trials.toSorted((a, b) =>
    a.summary.seconds - b.summary.seconds
  );
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
