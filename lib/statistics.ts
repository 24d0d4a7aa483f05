/** Statistics of latency; every time is in seconds. */
import { max, mean, min, quantileSorted } from "d3-array";

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
 * and Fan (1996), which numpy and d3 use too. Undefined without a value.
 */
export function distribution(
  values: (number | undefined)[],
): Distribution | undefined {
  const sorted = Float64Array.from(values.filter((v) => v !== undefined))
    .sort();
  if (sorted.length === 0) return undefined;
  const at = (p: number) => quantileSorted(sorted as unknown as number[], p)!;
  return {
    min: min(sorted)!,
    mean: mean(sorted)!,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: max(sorted)!,
  };
}

/**
 * The least total time for calls that each take their `times`, when they start
 * in order and at most `concurrency` are in flight: each starts the moment that
 * a place is free (Graham's list scheduling, 1966). With a concurrency of 1 it
 * is the sum, without a limit the longest.
 */
export function optimum(times: number[], concurrency = Infinity): number {
  const ends: number[] = [];
  for (const time of times) {
    if (ends.length < concurrency) ends.push(time);
    else {
      const freed = ends.indexOf(Math.min(...ends));
      ends[freed]! += time;
    }
  }
  return ends.reduce((longest, end) => Math.max(longest, end), 0);
}
