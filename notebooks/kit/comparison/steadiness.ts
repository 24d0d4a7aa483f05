/** Whether the trials of a side are alike: what drifts, or stands out. */
import { deviation, greatest, maxIndex, mean, median, sum } from "d3-array";
import { formatNumber } from "../../../lib/format.ts";
import type { Trial } from "../trials/mod.ts";
import { type Figure, figures } from "./figures.ts";
import { studentT } from "./interval.ts";
import { MATTERS } from "./verdict.ts";

/** What is compared: several trials of one thing. */
export interface Side {
  label: string;
  /** At least one. */
  trials: Trial[];
}

/** What a figure is called, what it is in a trial, and how it is written. */
export type Measure = Pick<Figure, "name" | "of" | "format">;

/** Figures that are alike would raise the alarm by chance as often as they are. */
const watched = figures.filter(({ name }) => /^(p50|throughput)$/.test(name));

/**
 * What of a side's trials a person would mind, the worst of each kind; nothing
 * of fewer than {@link FEWEST} trials.
 */
export function unsteady(
  side: Side,
  measures: Measure[] = watched,
): string[] {
  return [...drifting(side, measures), ...outliers(side, measures)];
}

/** The trials in the order in which they were made. */
export function inOrder<T extends Trial>(trials: T[]): T[] {
  return trials.toSorted((a, b) => startOf(a) - startOf(b));
}

/** When the first row's call was sent, in milliseconds since 1970. */
export function startOf({ rows }: Trial): number {
  return rows.at(0)!.timestamp.getTime();
}

/** Fewer values have no order to speak of. */
export const FEWEST = 5;

/** By the trend test of Mann (1945): of each pair, is the later one higher? */
function drifting({ label, trials }: Side, measures: Measure[]): string[] {
  const found = worst(inOrder(trials), measures, (values) => {
    const n = values.length;
    const score = sum(
      values,
      (value, index) =>
        sum(values.slice(index + 1), (later) => Math.sign(later - value)),
    );
    const error = Math.sqrt(n * (n - 1) * (2 * n + 5) / 18);
    const isTrend = (Math.abs(score) - 1) / error > 1.96;
    return isTrend ? Math.abs(values.at(-1)! / values[0]! - 1) : 0;
  });
  if (!found) return [];
  const { name, values, by } = found;
  const [first, last] = [values[0], values.at(-1)];
  return [
    first === last && Number.isFinite(by)
      ? `${label} drifted: its ${name} changed by ${formatNumber(by * 100)} %`
      : `${label} drifted: its ${name} was ${first} in the first trial and ` +
        `${last} in the last`,
  ];
}

/** How seldom trials that are alike are said to have an outlier. */
const SELDOM = 0.01;

/**
 * By Grubbs's test (1950): the trial that is farthest off the others, in standard
 * errors of another one that is like them.
 */
function outliers({ label, trials }: Side, measures: Measure[]): string[] {
  const chances = trials.length * measures.length;
  const limit = studentT(1 - SELDOM / chances, trials.length - 2);
  const found = worst(trials, measures, (values) => {
    const { value, others } = farthest(values);
    const [middle, spread] = [mean(others)!, deviation(others)!];
    const errors = Math.abs(value - middle) /
      (spread * Math.sqrt(1 + 1 / others.length));
    return errors > limit ? Math.abs(value / middle - 1) : 0;
  });
  if (!found) return [];
  const { place, value, others } = farthest(found.numbers);
  return [
    `run ${trials[place]!.summary.run} of ${label} is an outlier: its ` +
    `${found.name} is ${found.format(value)}, and the other trials' mean ` +
    found.format(mean(others)),
  ];
}

/** The value that is farthest from the median, its place, and the others. */
function farthest(values: number[]) {
  const middle = median(values)!;
  const place = maxIndex(values, (value) => Math.abs(value - middle));
  return { place, value: values[place]!, others: values.toSpliced(place, 1) };
}

/** The figure of which `change` finds the greatest share, if it matters. */
function worst(
  trials: Trial[],
  measures: Measure[],
  change: (values: number[]) => number,
) {
  if (trials.length < FEWEST) return undefined;
  const measured = measures.flatMap(({ name, of, format }) => {
    const numbers = trials.flatMap(({ summary }) => of(summary) ?? []);
    if (numbers.length < trials.length) return [];
    const by = change(numbers);
    return { name, format, numbers, values: numbers.map(format), by };
  });
  const found = greatest(measured, ({ by }) => by);
  return found && found.by >= MATTERS ? found : undefined;
}
