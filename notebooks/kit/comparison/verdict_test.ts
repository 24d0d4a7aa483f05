import assert from "node:assert/strict";
import test from "node:test";
import { median, range } from "d3-array";
import { randomNumbers } from "../../../scripts/dev/testing/processes.ts";
import { compare, leastTrials, type Verdict } from "./verdict.ts";

const random = randomNumbers();
const someTrials = (trials: number, around = 1, spread = 0.02) =>
  range(trials).map(() => around * (1 + spread * (2 * random() - 1)));

const swapped: Record<Verdict, Verdict> = {
  "lower": "higher",
  "higher": "lower",
  "no difference": "no difference",
  "not enough data": "not enough data",
};

test("a plain difference is found; swapping sides turns it round, units don't", () => {
  for (const trials of [4, 5, 10]) {
    for (const by of [0.5, 0.9, 1, 1.1, 1.5, 2]) {
      const [a, b] = [someTrials(trials), someTrials(trials, by)] as const;
      const { verdict } = compare(a, b);
      if (by === 1.5) assert.equal(verdict, "higher");
      assert.equal(compare(b, a).verdict, swapped[verdict]);
      const [x, y] = [a.map((s) => 1000 * s), b.map((s) => 1000 * s)];
      assert.equal(compare(x, y).verdict, verdict);
      assert.equal(compare(a, a).verdict, "no difference");
    }
  }
});

test("what is claimed of many holds at a stricter level than of one", () => {
  // Between the two levels, by what these values are.
  const a = [1, 1.02, 0.98, 1.01, 0.99];
  const b = a.map((value) => value + 0.027);
  assert.equal(compare(a, b).verdict, "higher");
  const many = compare(a, b, { pairs: 1, figures: 6 });
  assert.equal(many.verdict, "not enough data");
  assert.deepEqual(many, compare(a, b, { pairs: 2, figures: 3 }));
  assert.deepEqual(many.difference, compare(a, b).difference);
});

test("the least trials are those that can fall into two heaps by chance", () => {
  assert.equal(leastTrials(), 4);
  assert.deepEqual([1, 2, 3].map(leastTrials), [4, 5, 5]);
  for (const pairs of range(1, 40)) {
    const heaps = (trials: number) =>
      range(trials).reduce(
        (p, index) => p * (index + 1) / (trials + index + 1),
        2,
      );
    const least = leastTrials(pairs);
    assert.ok(heaps(least) <= 0.05 / pairs);
    assert.ok(heaps(least - 1) > 0.05 / pairs);
  }
});

test("fewer trials than that show nothing, and say how many would", () => {
  for (const trials of [1, 2, 3]) {
    const [a, b] = [someTrials(trials), someTrials(10, 9)];
    for (const found of [compare(a, b), compare(b, a)]) {
      assert.equal(found.verdict, "not enough data");
      assert.equal(found.moreTrials, 4 - trials);
    }
  }
  const [a, b] = [someTrials(4), someTrials(4, 9)];
  assert.equal(compare(a, b, { pairs: 3 }).moreTrials, 1);
});

test("a side without a value has no verdict, and no number of trials", () => {
  const { a, ...rest } = compare([1, 2, 3, 4, 5], []);
  assert.equal(a!.value, 3);
  assert.deepEqual(rest, { b: undefined, verdict: "not enough data" });
  assert.equal(compare([], []).verdict, "not enough data");
});

test("a difference that is seen and not shown needs more trials", () => {
  const a = [1, 1.3, 0.8, 1.2, 0.9];
  const more = [0.06, 0.12, 0.24].map((by) => {
    const found = compare(a, a.map((value) => value + by));
    assert.equal(found.verdict, "not enough data");
    return found.moreTrials!;
  });
  assert.ok(more[0]! > more[1]! && more[1]! > more[2]!, `${more}`);
});

test("with as many more trials as it says, most differences are shown", () => {
  const [first, shown] = [[] as number[], [] as boolean[]];
  for (let set = 0; set < 60; set++) {
    const [a, b] = [someTrials(5, 1, 0.1), someTrials(5, 1.06, 0.1)];
    const { moreTrials } = compare(a, b, { figures: 6 });
    if (moreTrials) first.push(moreTrials);
  }
  const enough = 5 + Math.round(median(first)!);
  for (let set = 0; set < 60; set++) {
    const [a, b] = [someTrials(enough, 1, 0.1), someTrials(enough, 1.06, 0.1)];
    shown.push(compare(a, b, { figures: 6 }).verdict === "higher");
  }
  const share = shown.filter(Boolean).length / shown.length;
  assert.ok(share > 0.6 && share < 1, `${share} at ${enough} trials`);
});

test("no difference is shown where none that matters is left open", () => {
  const a = [1, 1.01, 0.99, 1, 1.005];
  assert.equal(compare(a, a.toReversed()).verdict, "no difference");
  const loose = a.map((value) => 1 + 20 * (value - 1));
  const { verdict, moreTrials } = compare(loose, loose.toReversed());
  assert.equal(verdict, "not enough data");
  assert.ok(moreTrials! > 5 && moreTrials! < 500, `${moreTrials}`);
});

test("one trial that fell out of many makes no claim", () => {
  const { verdict, difference, moreTrials } = compare(
    [1, 1, 1, 1, 1],
    [1, 1, 1, 1, 0.8],
  );
  assert.equal(verdict, "not enough data");
  assert.ok(difference!.low! < -0.1 && difference!.high! > 0);
  assert.ok(moreTrials! > 5);
});

test("values that never vary, are 0 or beyond all measure have a verdict", () => {
  const [zero, one] = [0, 1].map((value) => range(5).map(() => value));
  const more = range(5).map(() => 1.001);
  assert.equal(compare(one!, more).verdict, "higher");
  assert.equal(compare(more, one!).verdict, "lower");
  assert.equal(compare(zero!, zero!).verdict, "no difference");
  const { verdict, ratio } = compare(zero!, someTrials(5));
  assert.deepEqual([verdict, ratio], ["higher", undefined]);
  const huge = [1e200, 2e200, 3e200, 1e200, 2e200];
  assert.equal(compare(huge, huge.toReversed()).verdict, "not enough data");
});

/** Medians of trials that make the same calls, on a machine with some noise. */
const trialsOf = (median: number) => someTrials(10, median, 0.04);

test("few sides differ from themselves, and nearly all that are 5 % slower do", () => {
  const claims = range(200).filter(() => {
    const [a, b] = [trialsOf(0.06).slice(5), trialsOf(0.06).slice(5)];
    return compare(a, b, { figures: 6 }).verdict.endsWith("er");
  });
  assert.ok(claims.length <= 10, `${claims.length}`);
  const found = range(100).filter(() =>
    compare(trialsOf(0.06), trialsOf(0.063), { figures: 6 }).verdict ===
      "higher"
  );
  assert.ok(found.length >= 95, `${found.length}`);
});
