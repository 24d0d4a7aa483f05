import assert from "node:assert/strict";
import test from "node:test";
import { parseExpectation } from "./expectation.ts";
import type { Comparison } from "./verdict.ts";

/** A comparison whose p99 is that much more, as shares. */
function changed(low?: number, value = 0, high?: number) {
  const ratio = { value, low, high };
  const verdict = "no difference";
  return new Map<string, Comparison>([
    ["p99", { difference: ratio, ratio, verdict, moreTrials: 2 }],
    ["success", { difference: ratio, verdict: "higher" }],
    ["mean", { verdict: "not enough data" }],
  ]);
}

test("a rule holds where the whole interval keeps it, and else says why not", () => {
  const cases: [string, Map<string, Comparison>, RegExp?][] = [
    ["p99<=+5%", changed(-0.01, 0.02, 0.05)],
    ["p99 < 5 %", changed(-0.01, 0.02, 0.049)],
    ["p99>=-5%", changed(-0.05, 0.02, 0.9)],
    ["p99>0%", changed(0.01, 0.02, 0.03)],
    [
      "p99<=+5%",
      changed(0.06, 0.08, 0.1),
      /^expected p99<=\+5%, measured \+8\.00 % \(\+6\.00 to \+10\.0 %\)$/,
    ],
    ["p99<=+5%", changed(-0.1, 0.02, 0.1), /may hold or not$/],
    ["p99<5%", changed(0, 0.02, 0.05), /may hold or not$/],
    [
      "p99<=+5%",
      changed(undefined, 0.02),
      /not enough trials to be sure; 2 more of each side may do$/,
    ],
    ["mean<=1%", changed(), /not measured on both sides$/],
    ["success>=-1%", changed(), /but a side has 0, and no/],
  ];
  for (const [rule, found, says] of cases) {
    const said = parseExpectation(rule)(found);
    if (says) assert.match(said!, says);
    else assert.equal(said, undefined);
  }
});

test("what is not a rule is an error", () => {
  const wrong = ["", "p99", "p99<5", "p99<5ms", "p98<5%", "p99=5%", "p99<%"];
  for (const rule of wrong) {
    assert.throws(() => parseExpectation(rule), RangeError, rule);
  }
});
