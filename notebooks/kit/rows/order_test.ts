import assert from "node:assert/strict";
import test from "node:test";
import { orderOf } from "./order.ts";
import { randomNumbers } from "../../../scripts/dev/testing/processes.ts";

const random = randomNumbers();

const shapes: Record<string, () => number> = {
  "whole": () => Math.floor(1e12 + 1e5 * random()),
  "few and whole": () => Math.floor(5 * random() - 2),
  "whole and far apart": () => Math.floor(2 ** 52 * random()),
  "of any kind": () => random() - 0.5,
};

for (const [shape, next] of Object.entries(shapes)) {
  test(`values that are ${shape} are put in order, and equals are left in theirs`, () => {
    for (let trial = 0; trial < 100; trial++) {
      const values = Array.from({ length: 60 * random() }, next);
      const expected = values.map((value, place) => ({ value, place }))
        .sort((a, b) => a.value - b.value)
        .map(({ place }) => place);
      assert.deepEqual([...orderOf(Float64Array.from(values))], expected);
      const sorted = Float64Array.from(values).sort();
      assert.deepEqual([...orderOf(sorted)], [...sorted.keys()]);
    }
  });
}
