import assert from "node:assert/strict";
import test from "node:test";
import { contrast, differ, spread } from "./spread.ts";
import { summarize } from "../summary.ts";
import { someRow } from "../testing.ts";

/** A style whose trials took so many seconds. */
function style(label: string, ...totals: number[]) {
  const rows = [someRow()];
  const trials = totals.map((seconds) => ({
    rows,
    summary: summarize(rows, { seconds }),
  }));
  return { label, trials };
}

const title = (...styles: ReturnType<typeof style>[]) =>
  contrast(
    styles,
    ({ seconds }) => seconds,
    "total time",
    (low, high) => `${low.label} < ${high.label}`,
  );

test("a spread has the least, the median and the most of the trials", () => {
  const { trials } = style("sync", 3, 1, 2);
  assert.deepEqual(spread(trials, ({ seconds }) => seconds), {
    min: 1,
    median: 2,
    max: 3,
    trials: 3,
  });
});

test("a figure that no trial has, has no spread", () => {
  const { trials } = style("sync", 1);
  assert.equal(spread(trials, () => undefined), undefined);
});

test("ranges that touch don't differ", () => {
  const range = (min: number, max: number) => ({
    min,
    median: (min + max) / 2,
    max,
    trials: 2,
  });
  assert.equal(differ(range(1, 2), range(2, 3)), false);
  assert.equal(differ(range(1, 2), range(2.1, 3)), true);
  assert.equal(differ(range(2.1, 3), range(1, 2)), true);
});

test("styles whose trials differ are told apart", () => {
  assert.equal(
    title(style("sync", 3, 4), style("async", 1, 2)),
    "async < sync",
  );
});

test("styles whose trials overlap show no difference", () => {
  assert.equal(
    title(style("sync", 1, 3), style("async", 2, 2.1)),
    "No difference shown between sync and async in total time",
  );
});

test("what only one trial shows is said to", () => {
  assert.equal(
    title(style("sync", 3), style("async", 1)),
    "async < sync, in a single trial",
  );
});

test("styles that made different calls are not compared", () => {
  const other = style("async", 1);
  other.trials[0]!.summary.calls = 10;
  assert.match(title(style("sync", 3), other), /^No comparison of total time/);
});
