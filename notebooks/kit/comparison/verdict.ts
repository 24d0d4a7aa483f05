/** Whether two sides differ in a figure by more than chance explains. */
import {
  degreesOf,
  differenceOf,
  type Estimate,
  LEVEL,
  meanOf,
  ratioOf,
  studentT,
} from "./interval.ts";

export interface Comparison {
  /** What the figure is on either side, its mean over the trials. */
  a?: Estimate;
  b?: Estimate;
  /** How much more it is on side b, in its own unit. */
  difference?: Estimate;
  /** The same as a share of side a; only where both are above 0. */
  ratio?: Estimate;
  verdict: Verdict;
  /** Why there is no verdict. */
  because?: string;
  /** About how many more trials of each side could decide; Infinity if too many. */
  moreTrials?: number;
}

/** Side b as seen from side a. */
export type Verdict = "lower" | "higher" | "no difference" | "not enough data";

/** A difference that a person would mind, as a share. */
export const MATTERS = 0.05;

/** The normal quantile of 80 %: what is sought is shown in four of five cases. */
const POWER = 0.8416;

/** More trials than can be measured, and an end of the search for how many. */
const MOST_TRIALS = 2 ** 14;

/**
 * Compares one figure's value in each trial of side `a` with that in each trial
 * of side `b`. A difference is claimed where its interval leaves out zero at a
 * level at which all the claims that are made together hold in 95 % of cases
 * (Bonferroni): `pairs` of sides are compared, by `figures` figures each. From 95 % to
 * that level it is Student's t that grows, since in so far a tail a bootstrap of
 * few trials has nothing but resamples of one value.
 *
 * No difference is shown where the 95 % interval holds zero, and nothing that
 * would matter. All else, and fewer trials than {@link leastTrials}, are not
 * enough data.
 */
export function compare(
  a: number[],
  b: number[],
  { pairs = 1, figures = 1 } = {},
): Comparison {
  const sides = {
    a: a.length > 0 ? meanOf(a) : undefined,
    b: b.length > 0 ? meanOf(b) : undefined,
  };
  if (!sides.a || !sides.b) return { ...sides, verdict: "not enough data" };
  const found = Object.assign(differences(a, b), sides);
  const decide = (
    verdict: Verdict,
    more: Pick<Comparison, "moreTrials"> = {},
  ) => Object.assign(found, { verdict, ...more });
  const trials = Math.min(a.length, b.length);
  const missing = leastTrials(pairs) - trials;
  if (missing > 0) return decide("not enough data", { moreTrials: missing });

  const { value, high } = found.difference;
  const half = high! - value;
  const degrees = degreesOf(a, b);
  const error = half / studentT(LEVEL, degrees);
  const strict = 1 - (1 - LEVEL) / (pairs * figures);
  if (Math.abs(value) > studentT(strict, degrees) * error) {
    return decide(value < 0 ? "lower" : "higher");
  }
  const matters = MATTERS * Math.abs(sides.a.value);
  if (Math.abs(value) <= half && Math.abs(value) + half <= matters) {
    return decide("no difference");
  }
  const sought = Math.max(Math.abs(value), matters);
  const isEnough = (more: number) => {
    const times = (trials + more) / trials;
    const errors = studentT(strict, degrees * times) + POWER;
    return errors * error / Math.sqrt(times) <= sought;
  };
  return decide("not enough data", { moreTrials: first(isEnough) });
}

/** Lazy: a bootstrap is slow, and few pairs need their intervals. */
function differences(a: number[], b: number[]) {
  let difference: Estimate | undefined;
  let ratio: { found?: Estimate } | undefined;
  return {
    get difference() {
      return difference ??= differenceOf(a, b);
    },
    get ratio() {
      return (ratio ??= { found: ratioOf(a, b) }).found;
    },
  };
}

/**
 * The first number of trials that holds, if all after one that does hold too;
 * Infinity if that is more than can be measured.
 */
function first(holds: (trials: number) => boolean): number {
  let high = 1;
  while (!holds(high)) {
    if (high >= MOST_TRIALS) return Infinity;
    high *= 2;
  }
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
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
