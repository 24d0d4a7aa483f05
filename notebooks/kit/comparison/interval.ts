/**
 * How far an estimate may be off: intervals by the bootstrap-t over trials
 * (Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 12.5),
 * in its symmetric form (Hall 1988, On symmetric bootstrap confidence
 * intervals), which few trials need most.
 *
 * The trial is the unit, since the calls of a run share its conditions. A
 * trial that is drawn comes with all its calls: drawing among these as well
 * would count their spread twice, as the trials already differ by it (Davison
 * and Hinkley 1997, Bootstrap Methods and their Application, section 3.8; Ren
 * et al. 2010, Nonparametric bootstrapping for hierarchical data). Only where
 * there is a single trial are blocks of its calls drawn: notebooks/kit/comparison/blocks.ts.
 */
import jstat from "jstat";
import { uniform } from "../../../scripts/servers/target/mod.ts";

/** An estimate, with a 95 % interval unless the trials are too few for one. */
export interface Estimate {
  value: number;
  low?: number;
  high?: number;
  /** Whether the interval is too wide to be useful. */
  isWide?: boolean;
}

/** Replaces an interval that is too wide to be useful. */
export const TOO_WIDE = "too wide to say";
/** An interval this many times as wide as the difference is too wide. */
const WIDE = 100;

export const LEVEL = 0.95;
/** Of fewer trials no interval is of use. */
const FEWEST = 4;
const RESAMPLES = 5000;
/** The same data give the same interval. */
const SEED = 1;

/**
 * The mean of some trials' values, with the interval of Student's t (1908): the
 * bootstrap of a single side often has resamples of one value, and then is many
 * times too wide. What is never below 0 has no mean there either.
 */
export function meanOf(values: number[]): Estimate {
  const { mean: value, variance } = meanAndVariance(values);
  if (values.length < FEWEST) return { value };
  const half = studentT(LEVEL, values.length - 1) * Math.sqrt(variance);
  const least = values.every((value) => value >= 0) ? 0 : -Infinity;
  return { value, low: Math.max(least, value - half), high: value + half };
}

/** How many standard errors hold the truth at that level, on either side. */
export function studentT(level: number, degrees: number): number {
  return jstat.jStat.studentt.inv((1 + level) / 2, degrees);
}

/**
 * The degrees of freedom of the difference of two means (Welch 1947, The
 * generalization of Student's problem).
 */
export function degreesOf(a: number[], b: number[]): number {
  const [ofA, ofB] = [a, b].map((side) => meanAndVariance(side).variance);
  const free = (ofA! + ofB!) ** 2 /
    (ofA! ** 2 / (a.length - 1) + ofB! ** 2 / (b.length - 1));
  return Number.isNaN(free) ? a.length + b.length - 2 : free;
}

/** How much more the mean of `b` is than that of `a`, in their unit. */
export function differenceOf(a: number[], b: number[]): Estimate {
  const found = estimate(a, b, (a, b) => [
    b.mean - a.mean,
    Math.sqrt(a.variance + b.variance),
  ]);
  const { value, high = value } = found;
  const most = Math.max(
    ...[a, b].map((side) => Math.abs(meanAndVariance(side).mean)),
  );
  return high - value > WIDE * most ? { ...found, isWide: true } : found;
}

/**
 * How much more the mean of `b` is than that of `a`, as a share of it: 0.05 is
 * 5 %. By the logarithm of the ratio, whose error is that of the delta method.
 * Undefined unless both are above 0.
 */
export function ratioOf(a: number[], b: number[]): Estimate | undefined {
  const { value, low, high } = estimate(a, b, (a, b) => [
    Math.log(b.mean / a.mean),
    Math.sqrt(a.variance / a.mean ** 2 + b.variance / b.mean ** 2),
  ]);
  if (!Number.isFinite(value)) return undefined;
  if (low === undefined) return { value: Math.expm1(value) };
  return {
    value: Math.expm1(value),
    low: Math.expm1(low),
    high: Math.expm1(high!),
    ...high! - value > Math.log(WIDE) && { isWide: true },
  };
}

/** A sample's mean, and the variance of that: its standard error, squared. */
interface Mean {
  mean: number;
  /** NaN of a single value. */
  variance: number;
}

/**
 * A statistic of two samples with its interval. `measure` gives the value and its
 * standard error; what the samples of a bootstrap are off by, in their own
 * standard errors, is what the value itself may be off by, in its own.
 */
function estimate(
  a: number[],
  b: number[],
  measure: (a: Mean, b: Mean) => [value: number, error: number],
): Estimate {
  const [value, error] = measure(meanAndVariance(a), meanAndVariance(b));
  if (Math.min(a.length, b.length) < FEWEST) return { value };
  let drawn = 0;
  const drawing = (sample: number[]) => {
    // The interval doesn't depend on the order of the trials.
    const sorted = Float64Array.from(sample).sort();
    // Filled again each time: to make new ones took longer than all the rest.
    const resample = new Float64Array(sample.length);
    return () => {
      for (let index = 0; index < resample.length; index++) {
        const place = Math.floor(uniform(SEED, drawn++) * sorted.length);
        resample[index] = sorted[place]!;
      }
      return meanAndVariance(resample);
    };
  };
  const [drawA, drawB] = [drawing(a), drawing(b)];
  const off = new Float64Array(RESAMPLES).map(() => {
    const [resampled, itsError] = measure(drawA(), drawB());
    return resampled === value ? 0 : Math.abs(resampled - value) / itsError;
  }).sort();
  const errors = off[Math.ceil(LEVEL * RESAMPLES) - 1]!;
  // Where resamples of one value come up too often, Student's t is left.
  const half = error *
    (Number.isFinite(errors) ? errors : studentT(LEVEL, degreesOf(a, b)));
  return { value, low: value - half, high: value + half };
}

/**
 * By what the values are off the first one, so that equal ones have no variance
 * at all (Chan, Golub and LeVeque 1983, Algorithms for computing the sample
 * variance).
 */
function meanAndVariance(values: ArrayLike<number>): Mean {
  const { 0: first = NaN, length } = values;
  let sum = 0;
  let squares = 0;
  for (let index = 1; index < length; index++) {
    const off = values[index]! - first;
    sum += off;
    squares += off * off;
  }
  const variance = (squares - sum * sum / length) / (length - 1);
  return { mean: first + sum / length, variance: variance / length };
}
