/** When the calls of an open-loop attack are due; every time is in seconds. */
import { bisectRight } from "d3-array";

/** A rate, in requests per second, that changes evenly. */
export interface Stage {
  from: number;
  to: number;
  seconds: number;
}

export interface Arrivals {
  /** How many calls are due before the end. */
  total: number;
  /** How long the stages last. */
  seconds: number;
  /**
   * When call `n`, counted from 0, is due, from the start: the first at once,
   * and none in a stage whose rate is 0. Infinity from `total` on.
   */
  due(n: number): number;
}

/**
 * How far a sum of counts may be off, in calls: 0.07/s for 100 s is 7 calls,
 * but 7.000000000000001 in floating point.
 */
const EPSILON = 1e-6;

// #region pacing
/**
 * When a call is due, from the start of its stage, if `count` calls of that
 * stage are due before it.
 *
 * Calls are to the rate what metres are to the speed, so this is motion at a
 * constant acceleration: v² = u² + 2 a s is the rate that is reached by then,
 * and the count divided by the mean rate is the time. To solve
 * a t + (b - a) t² / 2T for t is the same, but fails when a is b.
 */
function timeOf(count: number, { from, to, seconds }: Stage): number {
  if (count <= 0) return 0;
  const reached = Math.sqrt(from ** 2 + 2 * (to - from) / seconds * count);
  return count / ((from + reached) / 2);
}

/**
 * The arrivals of `stages` that follow each other, however slow the answers
 * are. Each is computed from its own number, so that millions don't drift.
 */
export function arrivals(stages: Stage[]): Arrivals {
  // When each stage starts, and how many calls are due by then.
  const starts = [0];
  const counts = [0];
  stages.forEach(({ from, to, seconds }, index) => {
    starts.push(starts[index]! + seconds);
    counts.push(counts[index]! + (from + to) / 2 * seconds);
  });
  const total = Math.max(0, Math.ceil(counts.at(-1)! - EPSILON));

  function due(n: number) {
    if (n >= total) return Infinity;
    const index = bisectRight(counts, n + EPSILON, 0, stages.length) - 1;
    return starts[index]! + timeOf(n - counts[index]!, stages[index]!);
  }
  return { total, seconds: starts.at(-1)!, due };
}
// #endregion

/** Each of `rates` for `seconds`, after a ramp from 0 to the first of them. */
export function stages(
  rates: number[],
  seconds: number,
  ramp: number,
): Stage[] {
  const steps = rates.map((rate) => ({ from: rate, to: rate, seconds }));
  const first = steps[0];
  if (ramp <= 0 || !first) return steps;
  return [{ from: 0, to: first.from, seconds: ramp }, ...steps];
}
