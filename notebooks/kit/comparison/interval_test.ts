import assert from "node:assert/strict";
import test from "node:test";
import { deviation, mean, range } from "d3-array";
import { distribution } from "../../../lib/statistics.ts";
import {
  seededDelay,
  twoPointDelay,
  uniform,
} from "../../../scripts/servers/target/mod.ts";
import { randomNumbers } from "../../../scripts/dev/testing/processes.ts";
import { differenceOf, type Estimate, meanOf, ratioOf } from "./interval.ts";

const random = randomNumbers();
const someTrials = (trials: number, around = 0.06) =>
  range(trials).map(() => around * (0.9 + 0.2 * random()));

function assertEqual(actual: Estimate, expected: Estimate, by = 1e-9) {
  for (const name of ["value", "low", "high"] as const) {
    const off = Math.abs(actual[name]! - expected[name]!);
    assert.ok(off <= by, `${name}: ${actual[name]}, not ${expected[name]}`);
  }
}

const width = ({ low, high }: Estimate) => high! - low!;
const mapped = ({ value, low, high }: Estimate, by: (x: number) => number) => ({
  value: by(value),
  low: by(low!),
  high: by(high!),
});

/** Times are in seconds. */
interface Law {
  name: string;
  mean: number;
  median: number;
  /** What call `id` takes, which is a pure function of it. */
  time(id: number): number;
}

/** No seed is that of another law, of the trials, or of the bootstrap. */
const syntheticLaws: Law[] = [
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

interface DataSets {
  sets: number;
  /** Of each side. */
  trials: number;
  /** Of each trial. */
  calls: number;
}

/** The share of intervals that hold the true value, of each kind. */
interface Coverage {
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
function coverageOf(
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

/**
 * The data are the same each time, so that this can't fail by chance. With other
 * data a right method would fall below the bound in one of 10,000 runs: of 360
 * pairs of sides 90.7 % is 3.7 deviations below 95 %.
 */
test("intervals hold the truth in 95 % of cases, and not in nearly all", () => {
  const laws = syntheticLaws.map((law) =>
    coverageOf(law, { sets: 120, trials: 5, calls: 200 })
  );
  for (const figure of ["mean", "median"] as const) {
    for (const kind of ["side", "difference", "ratio"] as const) {
      const share = mean(laws, (law) => law[figure][kind])!;
      assert.ok(share > 0.907 && share < 0.99, `${kind} ${figure}: ${share}`);
    }
  }
});

test("estimates follow the units and the origin, and not the order of trials", () => {
  const [thousandfold, more] = [(x: number) => 1000 * x, (x: number) => x + 1];
  for (const index of range(12)) {
    const [a, b] = [someTrials(4 + index), someTrials(15 - index, 0.07)];
    const [ofA, difference, ratio] = [
      ...[meanOf(a), differenceOf(a, b), ratioOf(a, b)!],
    ] as const;
    assert.ok(Math.abs(ofA.value - mean(a)!) < 1e-12);
    assert.ok(Math.abs(difference.value - (mean(b)! - mean(a)!)) < 1e-12);
    assert.ok(Math.abs(ratio.value - (mean(b)! / mean(a)! - 1)) < 1e-12);

    const { value, low, high } = difference;
    assert.ok(low! < value && value < high!);
    assert.ok(Math.abs((low! + high!) / 2 - value) < 1e-12);

    const scaled = [a.map(thousandfold), b.map(thousandfold)] as const;
    assertEqual(meanOf(scaled[0]), mapped(ofA, thousandfold), 1e-6);
    const large = mapped(difference, thousandfold);
    assertEqual(differenceOf(...scaled), large, 1e-6);
    assertEqual(ratioOf(...scaled)!, ratio);

    assertEqual(meanOf(a.map(more)), mapped(ofA, more));
    assertEqual(differenceOf(a.map(more), b.map(more)), difference);
    const back = differenceOf(a.toReversed(), b.toReversed());
    assertEqual(back, difference, 1e-12);
  }
});

test("swapped sides hardly change the width, and more trials narrow it", () => {
  for (let repeat = 0; repeat < 10; repeat++) {
    const [a, b] = [someTrials(10), someTrials(10)];
    const own = width(differenceOf(a, b));
    const other = width(differenceOf(b, a));
    assert.ok(Math.abs(other / own - 1) < 0.15, `${other}, not ${own}`);
  }
  const widths = [2, 4, 8, 16].map((times) =>
    width(meanOf(range(times).flatMap(() => [0.05, 0.06, 0.07])))
  );
  for (const index of range(1, 4)) {
    assert.ok(widths[index]! < 0.8 * widths[index - 1]!, `${widths}`);
  }
});

test("equal values give a point, however they are written in binary", () => {
  for (const value of [0.1, 1 / 3, 1e-6, 12345.678]) {
    const same = range(7).map(() => value);
    const other = same.map((value) => 2 * value);
    const point = { value, low: value, high: value };
    assertEqual(meanOf(same), point, 0);
    assertEqual(differenceOf(same, other), point, 0);
    assertEqual(ratioOf(same, other)!, { value: 1, low: 1, high: 1 });
  }
});

test("a side that does not vary leaves the error of the other", () => {
  const same = range(10).map(() => 0.06);
  const varying = someTrials(10);
  const expected = mapped(meanOf(varying), (x) => x - 0.06);
  const { value } = differenceOf(same, varying);
  assert.ok(Math.abs(value - expected.value) < 1e-12);
  const off = width(differenceOf(same, varying)) / width(expected);
  assert.ok(Math.abs(off - 1) < 0.15, `${off}`);
});

test("fewer than four trials have a value and no interval", () => {
  assert.deepEqual(meanOf([3]), { value: 3 });
  assert.deepEqual(meanOf([1, 2, 3]), { value: 2 });
  assert.deepEqual(differenceOf([3], [1, 2, 1, 2]), { value: -1.5 });
  assert.deepEqual(differenceOf([1, 2, 1, 2], [3]), { value: 1.5 });
  assert.deepEqual(Object.keys(ratioOf([2, 2, 2], [3, 3, 3, 3])!), ["value"]);
});

test("a mean is as sure as Student's t says", () => {
  // The quantiles of printed tables, for 97.5 %.
  for (const [trials, t] of [[4, 3.182], [5, 2.776], [10, 2.262]] as const) {
    const values = range(100, 100 + trials);
    const error = deviation(values)! / Math.sqrt(trials);
    const half = width(meanOf(values)) / 2;
    assert.ok(Math.abs(half / error - t) < 0.001, `${half / error}`);
  }
  // So is a difference where resamples of one value are likely.
  const found = differenceOf([1, 1, 1, 1, 0.9], [1, 1, 1, 1, 1]);
  assertEqual(found, { value: 0.02, low: -0.0355, high: 0.0755 }, 1e-4);
});

test("a side of which all values are 0 has no ratio", () => {
  const zero = [0, 0, 0, 0];
  assert.equal(ratioOf(zero, [1, 2, 3, 4]), undefined);
  assert.equal(ratioOf([1, 2, 3, 4], zero), undefined);
  assert.equal(ratioOf(zero, zero), undefined);
  assert.equal(ratioOf([0, 1, 2, 1], [2, 4, 2, 0])!.value, 1);
});
