import assert from "node:assert/strict";
import test from "node:test";
import { mean, quantile, range, shuffler } from "d3-array";
import { seededDelay } from "../../../scripts/servers/target/delay.ts";
import { randomNumbers } from "../../../scripts/dev/testing/processes.ts";
import { withinTrial } from "./blocks.ts";
import type { Estimate } from "./interval.ts";

const PS = [0.5, 0.9, 0.99];
const delays = (count: number) => range(count).map((id) => seededDelay(id));
const shuffle = shuffler(randomNumbers());

test("values are the quantiles of the times, and last their mean", () => {
  for (const count of [1, 2, 3, 10, 200, 2000]) {
    const times = delays(count);
    const expected = [...PS.map((p) => quantile(times, p)!), mean(times)!];
    withinTrial(times, PS).forEach(({ value }, index) => {
      assert.ok(Math.abs(value - expected[index]!) < 1e-9);
    });
  }
});

test("intervals hold the value, but not all there is", () => {
  const times = delays(2000);
  for (const { value, low, high } of withinTrial(times, PS)) {
    assert.ok(low! <= value && value <= high!);
    assert.ok(low! > Math.min(...times) && high! <= Math.max(...times));
    assert.ok(low! < high!);
  }
});

test("scaled times have intervals that are scaled", () => {
  const times = delays(2000);
  const scaled = withinTrial(times.map((time) => 10 * time), PS);
  withinTrial(times, PS).forEach(({ low, high }, index) => {
    assert.ok(Math.abs(scaled[index]!.low! - 10 * low!) < 1e-9);
    assert.ok(Math.abs(scaled[index]!.high! - 10 * high!) < 1e-9);
  });
});

test("more calls narrow the intervals", () => {
  const widths = [1000, 4000, 16_000].map((count) => {
    const { low, high } = withinTrial(delays(count), []).at(-1)!;
    return high! - low!;
  });
  assert.ok(widths[1]! < 0.6 * widths[0]! && widths[2]! < 0.6 * widths[1]!);
});

test("calls that share a stall count for less than if they were apart", () => {
  const times = range(2000).map((index) => index % 400 < 40 ? 0.5 : 0.05);
  const [together] = withinTrial(times, []);
  const [apart] = withinTrial(shuffle([...times]), []);
  const width = ({ low, high }: { low?: number; high?: number }) =>
    high! - low!;
  assert.ok(width(together!) > 2 * width(apart!));
});

test("equal times have a point", () => {
  for (
    const { value, low, high } of withinTrial(range(2000).map(() => 0.25), PS)
  ) {
    assert.deepEqual([value, low, high], [0.25, 0.25, 0.25]);
  }
});

test("so few calls that they are one block have no interval", () => {
  for (const count of [1, 2]) {
    for (const { low, high } of withinTrial(delays(count), PS)) {
      assert.deepEqual([low, high], [undefined, undefined]);
    }
  }
});

test("too few calls have values without intervals", () => {
  for (const { value, low } of withinTrial(delays(800), PS)) {
    assert.ok(value > 0);
    assert.equal(low, undefined);
  }
  const [p50, , p999] = withinTrial(delays(2000), [0.5, 0.99, 0.999]);
  assert.ok(p50!.low !== undefined);
  assert.equal(p999!.low, undefined);
});

test("times of a clock that was set back have no quantiles", () => {
  assert.deepEqual(withinTrial([0.1, -0.1, 0.2], PS), []);
  assert.deepEqual(withinTrial([], PS), []);
});

test("intervals hold the truth nearly as often as they say", () => {
  const held = range(50).filter((set) => {
    const times = range(1000).map((id) => seededDelay(1000 * set + id));
    const [{ low, high }] = withinTrial(times, [0.5]) as [Estimate];
    return low! <= 0.06 && 0.06 <= high!;
  });
  assert.ok(held.length > 0.84 * 50 && held.length < 50, `${held.length}`);
});
