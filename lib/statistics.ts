/** Statistics of latency. */
import { max, mean, min, quantileSorted } from "d3-array";

/** Of times in seconds. */
export interface Distribution {
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

/**
 * Exact percentiles of all values, by linear interpolation: type 7 of Hyndman
 * and Fan (1996), as in numpy and d3. Undefined without a value. `perSecond` is
 * how many units of the values make a second.
 */
export function distribution(
  values: (number | undefined)[] | Float64Array,
  perSecond = 1,
): Distribution | undefined {
  const sorted = values instanceof Float64Array
    ? values.toSorted()
    : Float64Array.from(values.filter((v) => v !== undefined)).sort();
  if (sorted.length === 0) return undefined;
  const at = (p: number) =>
    quantileSorted(sorted as unknown as number[], p)! / perSecond;
  return {
    min: min(sorted)! / perSecond,
    mean: mean(sorted)! / perSecond,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: max(sorted)! / perSecond,
  };
}

/** Collects times in whole microseconds, as in the CSV: 8 bytes each. */
export function countTimes() {
  let times = new Float64Array(1024);
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(microseconds: number) {
      if (count === times.length) {
        const longer = new Float64Array(2 * count);
        longer.set(times);
        times = longer;
      }
      times[count++] = microseconds;
    },
    distribution: () => distribution(times.subarray(0, count), 1e6),
  };
}

export type Times = ReturnType<typeof countTimes>;

/**
 * Rounds as `toFixed(6)` does for the CSV. The product is off by a hair, which
 * matters only half-way between two: there the text decides.
 */
export function microseconds(seconds: number): number {
  const product = seconds * 1e6;
  const nearest = Math.round(product);
  const isHalfway = Math.abs(product - nearest) > 0.499;
  return isHalfway ? Math.round(Number(seconds.toFixed(6)) * 1e6) : nearest;
}

/**
 * The least total time for calls that each take their `times`, when they start
 * in order, at most `concurrency` are in flight, and two starts are at least
 * `interval` apart: each starts the moment that it may (Graham's list
 * scheduling, 1966). With a concurrency of 1 it is the sum, without any limit
 * the longest.
 */
export function optimum(
  times: ArrayLike<number>,
  concurrency = Infinity,
  interval = 0,
): number {
  const places = Math.max(1, Math.ceil(concurrency));
  const ends = new Float64Array(Math.min(times.length, places));
  const isLimited = places < times.length;
  let longest = 0;
  for (let index = 0; index < times.length; index++) {
    const free = isLimited ? leastIn(ends) : index;
    const end = Math.max(ends[free]!, index * interval) + times[index]!;
    ends[free] = end;
    longest = Math.max(longest, end);
  }
  return longest;
}

/** The place of the least value. */
function leastIn(values: Float64Array): number {
  let least = 0;
  for (let index = 1; index < values.length; index++) {
    if (values[index]! < values[least]!) least = index;
  }
  return least;
}
