/** What was measured: the files of `results/`, read back as trials. */
import fs from "node:fs";
import { group } from "d3-array";
import { messageOf } from "../failure.ts";
import { readRuns, resultFiles, type Run } from "../results.ts";
import { parseRows, type Row } from "../rows.ts";
import { summarize, type Summary } from "../summary.ts";

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
  /** The runs that sent every call that was due; each is one trial. */
  trials: Trial[];
  /** Each as `file:line: what is wrong`. */
  problems: string[];
}

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
 * is not that of the others, unless it was to last for some time anyway.
 */
export function readTrials(
  folder: string,
  name: string,
  succeeded?: (row: Row) => boolean,
): Measured {
  const { csv, json } = resultFiles(folder, name);
  const { rows, problems } = readRows(csv);
  if (rows.length === 0) return { name, trials: [], problems };
  const { runs, problem } = readDetails(json);
  if (problem) problems.push(problem);

  const trials: Trial[] = [];
  for (const [id, ofRun] of group(rows, (row) => row.run)) {
    const run = runs.find((run) => run.run === id);
    if (!run && !problem) problems.push(`${json}:1: run ${id} is not in it`);
    const summary = summarizeRun(ofRun, run, succeeded);
    if (summary.unsent > 0 && !run?.unique) {
      const sent = `${ofRun.length} of its ${summary.calls} calls`;
      problems.push(`${csv}: run ${id} has ${sent} and is left out`);
    } else trials.push({ rows: ofRun, summary, run });
  }
  return { name, trials, problems };
}

function readRows(file: string): { rows: Row[]; problems: string[] } {
  try {
    const { rows, problems } = parseRows(fs.readFileSync(file, "utf8"));
    const shown = problems.slice(0, PROBLEMS_SHOWN)
      .map(({ line, message }) => `${file}:${line}: ${message}`);
    const more = problems.length - shown.length;
    if (more > 0) shown.push(`${file}: ${more} more lines are skipped`);
    return { rows, problems: shown };
  } catch (error) {
    return { rows: [], problems: [`${file}: ${reasonOf(error)}`] };
  }
}

function readDetails(file: string): { runs: Run[]; problem?: string } {
  try {
    if (!fs.existsSync(file)) {
      return { runs: [], problem: `${file}: there is no such file` };
    }
    const runs = readRuns(file);
    if (runs.every((run) => run.run && run.options && run.environment)) {
      return { runs };
    }
    return { runs: [], problem: `${file}:1: it doesn't list runs` };
  } catch (error) {
    return { runs: [], problem: `${file}:1: ${reasonOf(error)}` };
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (error instanceof TypeError) return "it doesn't list runs";
  return messageOf(error);
}

function summarizeRun(
  rows: Row[],
  run: Run | undefined,
  succeeded?: (row: Row) => boolean,
): Summary {
  // A killed run has no calls; what it was told to do stands in its options.
  const calls = run?.calls ?? run?.options.calls as number | undefined;
  const { seconds, concurrency, interval, hasOptimum, unique } = run ?? {};
  const called = new Set(rows.map(({ id }) => id)).size;
  const summary = summarize(rows, {
    calls: Math.max(calls ?? 0, called),
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
