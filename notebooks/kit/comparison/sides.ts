/** Reads the sides of a comparison, and compares them. */
import { existsSync } from "node:fs";
import { group } from "d3-array";
import { Failure } from "../../../lib/exit.ts";
import { readRuns, type Trial, wholeOnes } from "../trials/mod.ts";
import { responseTime } from "../calls.ts";
import { withinTrial } from "./blocks.ts";
import { cautions } from "./cautions.ts";
import { figures, timeFigures } from "./figures.ts";
import { unlessFailing, whyNoClaim } from "./no_claim.ts";
import type { Estimate } from "./interval.ts";
import type { Side } from "./steadiness.ts";
import { compare, type Comparison } from "./verdict.ts";

/** The rows of a run that are kept: they show what it called. */
const KEPT = 1000;

interface File {
  name: string;
  runs: Trial[];
  /** Each run's response times in the order of its rows, in seconds. */
  times: Map<Trial, number[]>;
  problems: string[];
}

interface Measured extends Side {
  /** Estimates from the calls of the only trial, by the name of the figure. */
  within?: Map<string, Estimate>;
}

/**
 * Reads the sides that arguments name: all names in a CSV, or after a # some
 * names or runs in it. The problems are what can't be used of the files.
 *
 * @throws {Failure} when a side has no trial, or there is only one side
 */
export function readSides(
  args: string[],
): { sides: Measured[]; problems: string[] } {
  const files = new Map<string, File>();
  const problems: string[] = [];
  const found = args.flatMap((arg) => {
    const [, name = arg, wanted] = existsSync(arg)
      ? []
      : /^(.+)#([^#]+)$/.exec(arg) ?? [];
    const file = files.get(name) ?? readFile(name);
    if (!files.has(name)) problems.push(...file.problems);
    files.set(name, file);
    return sidesIn(file, wanted?.split(","), problems)
      .map((side) => ({ ...side, file: name }));
  });
  if (found.length < 2) {
    const { label, trials } = found[0]!;
    const runs = trials.map(({ summary }) => summary.run).join(",");
    throw new Failure(
      `there is nothing to compare ${label} with; name another CSV, or runs ` +
        `of this one, as in ${args[0]}#RUN,RUN (it has ${runs})`,
    );
  }
  const labels = found.map(({ label }) => label);
  const isUnique = (label: string) =>
    labels.indexOf(label) === labels.lastIndexOf(label);
  const sides = found.map(({ file, ...side }) => (
    {
      ...side,
      label: isUnique(side.label) ? side.label : `${file}#${side.label}`,
    }
  ));
  return { sides, problems };
}

function readFile(name: string): File {
  const times = new Map<Trial, number[]>();
  const { runs, problems } = readRuns(
    name,
    name.replace(/(\.csv)?$/, ".json"),
    {
      keep: KEPT,
      rules: { hasOptimum: false },
      onRow(row, trial) {
        const time = responseTime(row);
        if (time === undefined) return;
        const sofar = times.get(trial);
        if (sofar) sofar.push(time);
        else times.set(trial, [time]);
      },
    },
  );
  if (runs.length === 0) {
    throw new Failure(
      [...problems, `${name} has no row to compare`].join("\n"),
    );
  }
  return { name, runs, times, problems };
}

/** The sides of one argument: each name, or what is `wanted` together. */
function sidesIn(
  { name: file, runs, times }: File,
  wanted: string[] | undefined,
  problems: string[],
): Measured[] {
  function withinOnly(trial: Trial) {
    const found = withinTrial(times.get(trial) ?? [], [0.5, 0.9, 0.99]);
    const names = ["p50", "p90", "p99", "mean"];
    return new Map(found.map((estimate, index) => [names[index]!, estimate]));
  }
  const isWanted = ({ summary }: Trial, part: string) =>
    part === summary.name || part === summary.run;
  for (const part of wanted ?? []) {
    if (runs.some((trial) => isWanted(trial, part))) continue;
    const names = new Set(runs.map(({ summary }) => summary.name));
    throw new Failure(
      `${file} has no name and no run ${part}; it has the names ` +
        `${[...names].join(", ")} and the runs ` +
        runs.map(({ summary }) => summary.run).join(", "),
    );
  }
  const sides = wanted
    ? [
      [
        wanted.join(","),
        runs.filter((trial) => wanted.some((part) => isWanted(trial, part))),
      ] as const,
    ]
    : group(runs, ({ summary }) => summary.name);
  return [...sides].map(([label, ofSide]) => {
    const { trials, problems: leftOut } = wholeOnes(ofSide, file);
    problems.push(...leftOut);
    const [only, another] = trials;
    if (!only) {
      throw new Failure(
        [...leftOut, `${file} has no whole run of ${label}`].join("\n"),
      );
    }
    return { label, trials, within: another ? undefined : withinOnly(only) };
  });
}

export interface Compared {
  a: Side;
  b: Side;
  /** By the name of the figure. */
  found: Map<string, Comparison>;
  cautions: string[];
}

/** Compares each side with the first one, by every figure. */
export function compareSides([a, ...others]: Measured[]): Compared[] {
  const together = { pairs: others.length, figures: figures.length };
  return others.map((b) => {
    const found = new Map(figures.map(({ name, of }) => {
      const [ofA, ofB] = [a!, b].map(({ trials }) =>
        trials.flatMap(({ summary }) => of(summary) ?? [])
      );
      return [name, compare(ofA!, ofB!, together)];
    }));
    const because = whyNoClaim([a!, b]);
    for (const [name, { a, b }] of because ? found : []) {
      found.set(name, { a, b, verdict: "not enough data", because });
    }
    for (const { name } of because ? [] : timeFigures) {
      found.set(name, unlessFailing(found.get(name)!, a!, b));
    }
    for (const [name, comparison] of found) {
      // A single trial has an interval from its calls.
      comparison.a &&= a!.within?.get(name) ?? comparison.a;
      comparison.b &&= b.within?.get(name) ?? comparison.b;
    }
    return { a: a!, b, found, cautions: cautions(a!, b) };
  });
}
