import assert from "node:assert/strict";
import test from "node:test";
import { extent, sum } from "d3-array";
import { randomNumbers } from "../../scripts/dev/testing/processes.ts";
import { countBins, countCells, limitsOf } from "./bins.ts";

const random = randomNumbers();

/** Of any magnitude, all positive or not, and sometimes all the same. */
function someValues(): Float64Array {
  const [scale, from] = [10 ** (12 * random() - 6), random() - 0.5];
  const values = Array.from(
    { length: 1 + 200 * random() },
    () => scale * (from + (random() < 0.1 ? 0 : random())),
  );
  return Float64Array.from(random() < 0.1 ? values.fill(scale) : values);
}

test("the limits of bins are round, and all values are between them", () => {
  for (let trial = 0; trial < 200; trial++) {
    const [one, other] = [someValues(), someValues()];
    const about = 10 + Math.floor(90 * random());
    const limits = limitsOf([one, other], about);
    const [least, most] = extent([...one, ...other]) as [number, number];
    assert.ok(limits[0]! <= least, `${limits[0]} <= ${least}`);
    if (least === most) assert.deepEqual(limits, [least, most]);
    else assert.ok(limits.at(-1)! > most, `${limits.at(-1)} > ${most}`);
    assert.ok(
      limits.length <= 2.5 * about + 3,
      `${limits.length} for ${about}`,
    );
    for (const limit of least === most ? [] : limits) {
      assert.equal(Number(limit.toPrecision(12)), limit);
    }
  }
});

test("each value is counted in its bin or cell, and in no other", () => {
  const isIn = (value: number, from: number, to: number) =>
    from === to || value >= from && value < to;
  for (let trial = 0; trial < 100; trial++) {
    const xs = someValues();
    const ys = xs.map(() => random());
    const [across, down] = [limitsOf([xs], 20), limitsOf([ys], 10)];
    const bins = countBins(xs, across);
    const cells = countCells(xs, ys, across, down);
    for (const counted of [bins, cells]) {
      assert.equal(sum(counted, ({ count }) => count), xs.length);
    }
    for (const { x1, x2, count } of bins) {
      assert.equal(count, xs.filter((x) => isIn(x, x1, x2)).length);
    }
    for (const { x1, x2, y1, y2, count } of cells) {
      const own = xs.filter((x, at) =>
        isIn(x, x1, x2) && isIn(ys[at]!, y1, y2)
      );
      assert.equal(count, own.length);
    }
  }
});
