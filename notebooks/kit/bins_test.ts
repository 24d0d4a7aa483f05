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
  for (let trial = 0; trial < 500; trial++) {
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

test("each value is counted in its bin, and in no other", () => {
  for (let trial = 0; trial < 200; trial++) {
    const values = someValues();
    const limits = limitsOf([values], 20);
    const bins = countBins(values, limits);
    assert.equal(sum(bins, ({ count }) => count), values.length);
    for (const { x1, x2, count } of bins) {
      const isIn = (value: number) => x1 === x2 || value >= x1 && value < x2;
      assert.equal(count, values.filter(isIn).length);
      assert.ok(count > 0);
    }
  }
});

test("each point is counted in its cell, and in no other", () => {
  for (let trial = 0; trial < 100; trial++) {
    const xs = someValues();
    const ys = xs.map(() => random());
    const [across, down] = [limitsOf([xs], 20), limitsOf([ys], 10)];
    const cells = countCells(xs, ys, across, down);
    assert.equal(sum(cells, ({ count }) => count), xs.length);
    for (const { x1, x2, y1, y2, count } of cells) {
      const own = xs.filter((x, at) =>
        (x1 === x2 || x >= x1 && x < x2) &&
        (y1 === y2 || ys[at]! >= y1 && ys[at]! < y2)
      );
      assert.equal(count, own.length);
    }
  }
});
