/** Whether two sides differ in a figure by more than chance explains. */
import { differenceOf, type Estimate, meanOf, ratioOf } from "./interval.ts";

export interface Comparison {
  /** What the figure is on either side, its mean over the trials. */
  a?: Estimate;
  b?: Estimate;
  /** How much more it is on side b, in its own unit. */
  difference?: Estimate;
  /** The same as a share of side a; only where all values are above 0. */
  ratio?: Estimate;
  verdict: Verdict;
  /** About how many more trials of each side could decide. */
  moreTrials?: number;
}

/** Side b as seen from side a. */
export type Verdict = "lower" | "higher" | "no difference" | "not enough data";

/** How sure all the verdicts that are given together are to be. */
const LEVEL = 0.95;

/** A difference that a person would mind, as a share. */
export const MATTERS = 0.05;

/**
 * Compares one figure's value in each trial of side `a` with that in each trial
 * of side `b`. A difference is claimed where its interval leaves out zero, at a
 * level at which all the claims that are made together hold in 95 % of cases
 * (Bonferroni): `pairs` of sides are compared, by so many `figures`.
 *
 * If a difference that matters is seen and not shown, or there are fewer trials
 * than {@link leastTrials}, the data are not enough. How many would do follows
 * from intervals that shrink with the square root of the trials.
 */
export function compare(
  a: number[],
  b: number[],
  { pairs = 1, figures = 1 } = {},
): Comparison {
  const trials = Math.min(a.length, b.length);
  const least = leastTrials(pairs);
  const sides = {
    a: a.length > 0 ? meanOf(a) : undefined,
    b: b.length > 0 ? meanOf(b) : undefined,
  };
  if (trials === 0) return { ...sides, verdict: "not enough data" };
  const level = 1 - (1 - LEVEL) / (pairs * figures);
  const difference = differenceOf(a, b);
  const ratio = ratioOf(a, b);
  const found = { ...sides, difference, ratio };
  if (trials < least) {
    const moreTrials = least - trials;
    return { ...found, verdict: "not enough data", moreTrials };
  }
  const strict = differenceOf(a, b, level);
  if (strict.high! < 0) return { ...found, verdict: "lower" };
  if (strict.low! > 0) return { ...found, verdict: "higher" };

  const seen = Math.abs(
    ratio ? ratio.value : difference.value / meanOf(a).value,
  );
  if (!(seen >= MATTERS)) return { ...found, verdict: "no difference" };
  const half = strict.high === undefined
    ? undefined
    : strict.high - strict.value;
  const moreTrials = half &&
    Math.max(1, Math.ceil(trials * (half / difference.value) ** 2) - trials);
  return { ...found, verdict: "not enough data", moreTrials };
}

/**
 * How many trials each side needs at least for a claim. Interleaved trials of
 * two equal sides fall into two heaps, all of one below all of the other, in 2
 * of their `2n over n` orders (Fisher 1935, The Design of Experiments): with
 * fewer trials than this even that is too likely to be chance.
 */
export function leastTrials(pairs = 1): number {
  let trials = 1;
  let orders = 2;
  while (2 / orders > (1 - LEVEL) / pairs) {
    trials++;
    // The next central binomial coefficient.
    orders *= (4 * trials - 2) / trials;
  }
  return trials;
}
