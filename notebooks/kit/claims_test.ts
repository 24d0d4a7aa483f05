import assert from "node:assert/strict";
import test from "node:test";
import { formatSeconds } from "../../lib/format.ts";
import { someRow, summarize } from "../../scripts/dev/testing/processes.ts";
import { apart, contrast, times } from "./claims.ts";

/** A style whose trials took these total times, in seconds. */
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
    (low, high, found) =>
      `${low.label} < ${high.label}: ${times(found).join("")}`,
  );

const fast = [1, 1.01, 1.02, 0.99, 0.98];
const slow = fast.map((seconds) => 2 * seconds);

test("five trials show a difference, or how large one may be", () => {
  assert.match(
    title(style("sync", ...slow), style("async", ...fast)),
    /^async < sync: 2\.00 times \(95 %: 1\.9\d to 2\.0\d\)$/,
  );
  const same = [1.01, 1, 0.99, 1.02, 0.98];
  assert.match(
    title(style("sync", ...fast), style("async", ...same)),
    /^No difference shown between sync and async in total time: [1-5]\.\d\d % /,
  );
  assert.equal(
    title(style("sync", 1, 1, 1, 1, 1), style("async", 1, 1, 1, 1, 1)),
    "No difference shown between sync and async in total time",
  );
});

test("trials that are too few, or too far apart, are not enough data", () => {
  const both = "Not enough data to compare async and sync in total time";
  assert.equal(
    title(style("sync", 3), style("async", 1)),
    `${both}: 3 more trials of each`,
  );
  assert.equal(
    title(style("sync", 3, 3.1, 2.9), style("async", 1, 1.1, 0.9)),
    `${both}: 1 more trial of each`,
  );
  const wide = [0.2, 1, 3, 0.5, 2.5];
  assert.match(
    title(style("sync", ...wide.map((s) => 1.5 * s)), style("async", ...wide)),
    /^Not enough data .* in total time: \d+ more trials of each$/,
  );
});

test("picking two of four compares six pairs, which takes five trials", () => {
  const four = (trials: number) =>
    title(
      ...[1, 2, 3, 4].map((factor) =>
        style(`x${factor}`, ...fast.slice(0, trials).map((s) => factor * s))
      ),
    );
  assert.match(four(4), /^Not enough data to compare x1 and x4 .*: 1 more t/);
  assert.match(four(5), /^x1 < x4/);
});

test("one style alone, or styles that made different calls, are not compared", () => {
  assert.equal(
    title(style("sync", ...slow)),
    "Nothing to compare sync with in total time",
  );
  const other = style("async", ...fast);
  other.trials[0]!.summary.calls = 10;
  assert.match(
    title(style("sync", ...slow), other),
    /^No comparison of total time/,
  );
});

test("how far figures are apart has no sign", () => {
  const format = formatSeconds;
  const more = { value: 0.166, low: 0.139, high: 0.193 };
  const less = { value: -0.166, low: -0.193, high: -0.139 };
  for (const difference of [more, less]) {
    assert.equal(apart(difference, format), "166 ± 27 ms");
  }
  assert.equal(apart({ value: -0.166 }, format), "166 ms");
});

test("a style of which fewer calls succeed is not called faster", () => {
  const failing = style("async", ...fast);
  failing.trials = failing.trials.map(({ rows, summary }, index) => ({
    rows,
    summary: { ...summary, success: 0.5 + index / 100 },
  }));
  assert.match(
    title(style("sync", ...slow), failing),
    /^No comparison of .*: fewer calls of async succeed \(52\.0 %\) than of sync \(100 %\)/,
  );
  const slowAndFailing = style("sync", ...slow);
  slowAndFailing.trials.forEach(({ summary }) => summary.success = 0.5);
  assert.match(
    title(slowAndFailing, style("async", ...fast)),
    /^async < sync: 2\.00 times/,
  );
});
