import assert from "node:assert/strict";
import test from "node:test";
import { quantiles } from "./percentiles.ts";
import { distribution } from "../../lib/statistics.ts";
import { randomNumbers } from "../../scripts/dev/testing/processes.ts";

test("a percentile curve rises through the exact percentiles, in few points", () => {
  const random = randomNumbers();
  const times = Array.from({ length: 100_000 }, () => -Math.log(1 - random()));
  const points = quantiles(Float64Array.from(times).sort());
  assert.ok(points.length <= 200);
  const { min, p99 } = distribution(times)!;
  assert.deepEqual(points[0], { decades: 0, percent: 0, time: min });
  assert.ok(Math.abs(points.at(-1)!.decades - 5) < 1e-9);
  points.slice(1).forEach(({ decades, time }, index) => {
    assert.ok(decades > points[index]!.decades);
    assert.ok(time >= points[index]!.time);
  });
  const above = points.findIndex(({ decades }) => decades >= 2);
  assert.ok(points[above]!.time >= p99 && points[above - 1]!.time <= p99);
});
