/** Synthetic trials of servers whose true figures are known. */
import { range } from "d3-array";
import {
  differenceOf,
  type Estimate,
  meanOf,
  ratioOf,
} from "../../../notebooks/kit/comparison/mod.ts";
import {
  seededDelay,
  twoPointDelay,
  uniform,
} from "../../servers/target/mod.ts";
import { distribution } from "../../../lib/statistics.ts";

/** Times are in seconds. */
export interface Law {
  name: string;
  mean: number;
  median: number;
  /** What call `id` takes, which is a pure function of it. */
  time(id: number): number;
}

/** No seed is that of another law, of the trials, or of the bootstrap. */
export const syntheticLaws: Law[] = [
  logNormal({ median: 0.06, sigma: 0.5, seed: 11 }),
  twoPoint({ fast: 0.005, slow: 0.05, share: 0.1, seed: 12 }),
  pareto({ least: 0.02, shape: 2.5, seed: 14 }),
];

function logNormal(law: { median: number; sigma: number; seed: number }): Law {
  return {
    name: "log-normal",
    mean: law.median * Math.exp(law.sigma ** 2 / 2),
    median: law.median,
    time: (id) => seededDelay(id, law),
  };
}

/**
 * Each time is within 20 % of its point: the median of exact points would be one
 * of them, and in every interval. So few are slow that the median is a fast one.
 */
function twoPoint(
  law: { fast: number; slow: number; share: number; seed: number },
): Law {
  const { fast, slow, share, seed } = law;
  return {
    name: "two-point",
    mean: fast * (1 - share) + slow * share,
    median: fast * (0.8 + 0.4 * 0.5 / (1 - share)),
    time: (id) => twoPointDelay(id, law) * (0.8 + 0.4 * uniform(seed + 1, id)),
  };
}

/** A heavy tail: at a shape of 2.5 it has a variance, but no third moment. */
function pareto(
  { least, shape, seed }: { least: number; shape: number; seed: number },
): Law {
  return {
    name: "heavy tail",
    mean: least * shape / (shape - 1),
    median: least * 2 ** (1 / shape),
    time: (id) => least * uniform(seed, id) ** (-1 / shape),
  };
}

/** By how much trials differ, whatever their calls: the log's deviation. */
const TRIALS_DIFFER = 0.03;
const TRIALS_SEED = 21;

/** How much slower the second side is, as a share. */
const SLOWER = 0.05;

export interface DataSets {
  sets: number;
  /** Of each side. */
  trials: number;
  /** Of each trial. */
  calls: number;
}

/** The share of intervals that hold the true value, of each kind. */
export interface Coverage {
  side: number;
  difference: number;
  ratio: number;
}

/**
 * How often the 95 % intervals of one side, and of the difference and the ratio
 * of two, hold what is true. That is the figure of the law, times the mean of
 * what trials differ by; that the median of a few hundred calls is itself a
 * little off the law's is much less than the intervals are wide.
 */
export function coverageOf(
  law: Law,
  { sets, trials, calls }: DataSets,
): { mean: Coverage; median: Coverage } {
  let trial = 0;
  function someTrial(factor: number) {
    const delays = { seed: TRIALS_SEED, median: 1, sigma: TRIALS_DIFFER };
    const effect = factor * seededDelay(trial, delays);
    const first = calls * trial++;
    const ids = range(first, first + calls);
    const { mean, p50 } = distribution(ids.map((id) => effect * law.time(id)))!;
    return { mean, median: p50 };
  }
  const data = range(sets).map(() => ({
    a: range(trials).map(() => someTrial(1)),
    b: range(trials).map(() => someTrial(1 + SLOWER)),
  }));

  function covered(figure: "mean" | "median"): Coverage {
    const truth = law[figure] * Math.exp(TRIALS_DIFFER ** 2 / 2);
    const holding = { side: 0, difference: 0, ratio: 0 };
    for (const sides of data) {
      const a = sides.a.map((trial) => trial[figure]);
      const b = sides.b.map((trial) => trial[figure]);
      holding.side += holds(meanOf(a), truth);
      holding.difference += holds(differenceOf(a, b), SLOWER * truth);
      holding.ratio += holds(ratioOf(a, b)!, SLOWER);
    }
    const { side, difference, ratio } = holding;
    return {
      side: side / sets,
      difference: difference / sets,
      ratio: ratio / sets,
    };
  }
  return { mean: covered("mean"), median: covered("median") };
}

/** 1 if the interval holds the truth, or else 0. */
function holds({ low, high }: Estimate, truth: number): number {
  return low! <= truth && truth <= high! ? 1 : 0;
}
