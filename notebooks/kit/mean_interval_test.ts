import assert from "node:assert/strict";
import test from "node:test";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import { margin, plusMinus, spread, spreadOf } from "./mean_interval.ts";
import { trial } from "../../scripts/dev/testing/example_runs.ts";

test("a spread is the mean of the trials that have the figure", () => {
  const trials = [trial([0.3]), trial([0.1]), trial([undefined])];
  const found = spread(trials, ({ elapsed }) => elapsed?.p50)!;
  assert.deepEqual(found.values, [0.3, 0.1]);
  assert.equal(found.value, 0.2);
  assert.equal(found.low, undefined);
  assert.equal(spread(trials, () => undefined), undefined);
});

test("of five trials the mean has an interval, which is as long both ways", () => {
  const { value, low, high } = spreadOf([1.9, 1.91, 1.93, 1.94, 1.97])!;
  assert.ok(low! < value && value < high!);
  assert.equal((high! - value).toFixed(9), (value - low!).toFixed(9));
});

test("an interval has the digits and the unit of its middle", () => {
  const cases = [
    [1.921, 0.012, "1.92 ± 0.01 s"],
    [1.921, 0.0012, "1.92 ± 0.01 s"],
    [0.169, 0.0112, "169 ± 11 ms"],
    [0.0331, 0.0536, "33.1 ± 53.6 ms"],
    [0.9, 1.2345, "900 ± 1,235 ms"],
    [2, 0, "2.00 s"],
  ] as const;
  for (const [value, half, text] of cases) {
    const found = { value, low: value - half, high: value + half };
    assert.equal(plusMinus(found, formatSeconds), text);
  }
});

test("beside a mean stands its interval, or the least and the most", () => {
  const beside = (...values: number[]) =>
    margin(spreadOf(values)!, formatSeconds);
  assert.match(beside(1.9, 1.91, 1.93, 1.94, 1.97), /^± 0\.0\d s$/);
  assert.equal(beside(1.9, 1.95, 1.92), "(1.90 to 1.95 s)");
  assert.equal(beside(0.9, 1.1), "(900 ms to 1.10 s)");
  assert.equal(beside(1.9), "");
  assert.equal(beside(1.9, 1.9, 1.9, 1.9, 1.9), "");
  assert.equal(margin(spreadOf([1, 3])!, formatNumber), "(1.00 to 3.00)");
});
