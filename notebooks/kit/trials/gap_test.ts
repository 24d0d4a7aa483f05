import assert from "node:assert/strict";
import test from "node:test";
import type { Row } from "../../../lib/row.ts";
import { someRow } from "../../../scripts/dev/testing/processes.ts";
import { watchForGap } from "./gap.ts";

/** The gap between calls sent at these times, in seconds. */
function gapOf(times: number[], given: Partial<Row> = { elapsed: 0.5 }) {
  const { add, end } = watchForGap();
  const rows: Row[] = times.map((second) =>
    someRow({ timestamp: new Date(1.7e12 + 1000 * second), ...given })
  );
  rows.forEach(add);
  return end();
}

test("two runs that are further apart than they last have a gap, in any order", () => {
  const [first, second] = [[0, 1, 2, 3], [3600, 3601, 3602, 3603]];
  assert.equal(gapOf([...first!, ...second!]), 3596.5);
  assert.equal(gapOf([...second!, ...first!]), 3596.5);
  assert.equal(gapOf([3, 0, 1, 2, 3601, 3600, 3603, 3602]), 3596.5);
});

const wholes: [string, number[], number?][] = [
  ["no call", []],
  ["one call", [1]],
  ["calls at a low rate", [0, 60, 120, 180]],
  ["two calls", [0, 60]],
  ["one call alone behind a gap", [0, 1, 60]],
  ["a pause of a few seconds", [0, 0.1, 4, 4.1], 0.1],
  ["a pause that is shorter than the calls", [0, 10, 20, 30, 70, 80]],
  ["a call that takes long", [0, 1, 2, 100, 101, 102], 90],
  ["a gap that later rows fill", [0, 1, 200, 201, 50, 100, 150]],
  ["many gaps", [0, 1, 100, 101, 200, 201]],
];

test("what may well be one run has no gap, even without elapsed times", () => {
  for (const [what, times, elapsed = 0.5] of wholes) {
    assert.equal(gapOf(times, { elapsed }), undefined, what);
  }
  assert.equal(gapOf([0, 1, 60, 61], { elapsed: undefined }), 59);
});
