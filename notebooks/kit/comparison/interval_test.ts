import assert from "node:assert/strict";
import test from "node:test";
import { deviation, mean, range } from "d3-array";
import {
  coverageOf,
  syntheticLaws,
} from "../../../scripts/dev/testing/synthetic.ts";
import { randomNumbers } from "../../../scripts/dev/testing/processes.ts";
import { differenceOf, type Estimate, meanOf, ratioOf } from "./interval.ts";

const random = randomNumbers();
const someTrials = (trials: number, around = 0.06) =>
  range(trials).map(() => around * (0.9 + 0.2 * random()));

/** Several pairs of sides, of few and of many trials. */
const pairs = range(12).map((index) => ({
  a: someTrials(4 + index),
  b: someTrials(15 - index, 0.07),
}));

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

test("the value is the mean, the difference, the ratio less 1", () => {
  for (const { a, b } of pairs) {
    const [ofA, ofB] = [mean(a)!, mean(b)!];
    assert.ok(Math.abs(meanOf(a).value - ofA) < 1e-12);
    assert.ok(Math.abs(differenceOf(a, b).value - (ofB - ofA)) < 1e-12);
    assert.ok(Math.abs(ratioOf(a, b)!.value - (ofB / ofA - 1)) < 1e-12);
  }
});

test("scaled values have an interval that is scaled, and the same ratio", () => {
  const scaled = (values: number[]) => values.map((value) => 1000 * value);
  for (const { a, b } of pairs) {
    const by = (x: number) => 1000 * x;
    assertEqual(meanOf(scaled(a)), mapped(meanOf(a), by), 1e-6);
    const difference = mapped(differenceOf(a, b), by);
    assertEqual(differenceOf(scaled(a), scaled(b)), difference, 1e-6);
    assertEqual(ratioOf(scaled(a), scaled(b))!, ratioOf(a, b)!);
  }
});

test("shifted values shift the mean's interval, and not the difference's", () => {
  const shifted = (values: number[]) => values.map((value) => value + 1);
  for (const { a, b } of pairs) {
    assertEqual(meanOf(shifted(a)), mapped(meanOf(a), (x) => x + 1));
    assertEqual(differenceOf(shifted(a), shifted(b)), differenceOf(a, b));
  }
});

test("the difference is symmetric around its value, and holds it", () => {
  for (const { a, b } of pairs) {
    const { value, low, high } = differenceOf(a, b);
    assert.ok(low! < value && value < high!);
    assert.ok(Math.abs((low! + high!) / 2 - value) < 1e-12);
  }
});

test("swapped sides hardly change how wide it is", () => {
  for (let repeat = 0; repeat < 10; repeat++) {
    const [a, b] = [someTrials(10), someTrials(10)];
    const own = width(differenceOf(a, b));
    const other = width(differenceOf(b, a));
    assert.ok(Math.abs(other / own - 1) < 0.15, `${other}, not ${own}`);
  }
});

test("more trials of the same spread narrow the interval", () => {
  const some = [0.05, 0.06, 0.07];
  const widths = [2, 4, 8, 16].map((times) =>
    width(meanOf(range(times).flatMap(() => some)))
  );
  for (const index of range(1, 4)) {
    assert.ok(widths[index]! < 0.8 * widths[index - 1]!, `${widths}`);
  }
});

test("equal values give a point, however they are written in binary", () => {
  for (const value of [0.1, 1 / 3, 1e-6, 12345.678]) {
    const same = range(7).map(() => value);
    const other = same.map((value) => 2 * value);
    assertEqual(meanOf(same), { value, low: value, high: value }, 0);
    assertEqual(
      differenceOf(same, other),
      { value, low: value, high: value },
      0,
    );
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
});

test("where resamples of one value are likely, Student's t is left", () => {
  const perfect = [1, 1, 1, 1, 1];
  const found = differenceOf([1, 1, 1, 1, 0.9], perfect);
  assertEqual(found, { value: 0.02, low: -0.0355, high: 0.0755 }, 1e-4);
});

test("a side of which all values are 0 has no ratio", () => {
  const zero = [0, 0, 0, 0];
  assert.equal(ratioOf(zero, [1, 2, 3, 4]), undefined);
  assert.equal(ratioOf([1, 2, 3, 4], zero), undefined);
  assert.equal(ratioOf(zero, zero), undefined);
  assert.equal(ratioOf([0, 1, 2, 1], [2, 4, 2, 0])!.value, 1);
});

test("the order of the trials makes no difference", () => {
  for (const { a, b } of pairs) {
    const [backA, backB] = [a.toReversed(), b.toReversed()];
    assertEqual(differenceOf(backA, backB), differenceOf(a, b), 1e-12);
  }
});
