import assert from "node:assert/strict";
import test from "node:test";
import { parseExpectation } from "./expectation.ts";
import type { Comparison } from "./verdict.ts";

/** A comparison whose p99 is that much more, as shares. */
function changed(low?: number, value = 0, high?: number) {
  const ratio = { value, low, high };
  return new Map<string, Comparison>([
    [
      "p99",
      { difference: ratio, ratio, verdict: "no difference", moreTrials: 2 },
    ],
    ["success", { difference: ratio, verdict: "higher" }],
    ["mean", { verdict: "not enough data" }],
  ]);
}

const said = (rule: string, found: Map<string, Comparison>) =>
  parseExpectation(rule)(found);

test("a rule holds where the whole interval keeps it", () => {
  assert.equal(said("p99<=+5%", changed(-0.01, 0.02, 0.05)), undefined);
  assert.equal(said("p99 < 5 %", changed(-0.01, 0.02, 0.049)), undefined);
  assert.equal(said("p99>=-5%", changed(-0.05, 0.02, 0.9)), undefined);
  assert.equal(said("p99>0%", changed(0.01, 0.02, 0.03)), undefined);
});

test("a rule is broken where none of the interval keeps it", () => {
  assert.equal(
    said("p99<=+5%", changed(0.06, 0.08, 0.1)),
    "expected p99<=+5%, measured +8.00 % (+6.00 to +10.0 %)",
  );
});

test("what the trials leave open does not hold, and says so", () => {
  assert.match(said("p99<=+5%", changed(-0.1, 0.02, 0.1))!, /may hold or not$/);
  assert.match(said("p99<5%", changed(0, 0.02, 0.05))!, /may hold or not$/);
  assert.match(
    said("p99<=+5%", changed(undefined, 0.02))!,
    /not enough trials to be sure; 2 more of each side may do$/,
  );
  assert.match(said("mean<=1%", changed())!, /not measured on both sides$/);
  assert.match(said("success>=-1%", changed())!, /but a side has 0, and no/);
});

for (
  const rule of ["", "p99", "p99<5", "p99<5ms", "p98<5%", "p99=5%", "p99<%"]
) {
  test(`"${rule}" is not a rule`, () => {
    assert.throws(() => parseExpectation(rule), RangeError);
  });
}
