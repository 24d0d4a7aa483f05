/** Whether the trials of a side are alike: what drifts, or stands out. */
import { greatest, maxIndex, median, sum } from "d3-array";
import type { Trial } from "../report/trials.ts";
import { type Figure, figures } from "./figures.ts";
import { MATTERS } from "./verdict.ts";

/** What is compared: several trials of one thing. */
export interface Side {
  label: string;
  /** At least one. */
  trials: Trial[];
}

/** What a figure is called, what it is in a trial, and how it is written. */
export type Measure = Pick<Figure, "name" | "of" | "format">;

/** What of a side's trials a person would mind, the worst of each kind. */
export function unsteady(
  side: Side,
  measures: Measure[] = figures,
): string[] {
  return [...drifting(side, measures), ...outliers(side, measures)];
}

/** The trials in the order in which they were made. */
export function inOrder<T extends Trial>(trials: T[]): T[] {
  return trials.toSorted((a, b) => startOf(a) - startOf(b));
}

/** When the first row's call was sent, in milliseconds since 1970. */
export function startOf({ rows }: Trial): number {
  return rows[0]!.timestamp.getTime();
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
  const { name, values } = found;
  return [
    `${label} drifted: its ${name} was ${values[0]} in the first trial and ` +
    `${values.at(-1)} in the last`,
  ];
}

/**
 * Above this modified z-score (Iglewicz and Hoaglin 1993) a trial stands out.
 * Their 3.5 would find one in every fifth set of five normal values; this does in
 * every thirtieth.
 */
const FAR = 10;

function outliers({ label, trials }: Side, measures: Measure[]): string[] {
  const found = worst(trials, measures, (values) => {
    const [far, middle] = farthest(values);
    const spread = median(values, (value) => Math.abs(value - middle))!;
    const isFar = 0.6745 * Math.abs(values[far]! - middle) > FAR * spread;
    return isFar ? Math.abs(values[far]! / middle - 1) : 0;
  });
  if (!found) return [];
  const [far, middle] = farthest(found.numbers);
  return [
    `run ${trials[far]!.summary.run} of ${label} is an outlier: its ` +
    `${found.name} is ${found.values[far]}, and the trials' median ` +
    found.format(middle),
  ];
}

/** The place of the value that is farthest from the median, and that. */
function farthest(values: number[]): [place: number, median: number] {
  const middle = median(values)!;
  return [maxIndex(values, (value) => Math.abs(value - middle)), middle];
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
