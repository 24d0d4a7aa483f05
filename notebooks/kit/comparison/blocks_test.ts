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
const width = ({ low, high }: Estimate) => high! - low!;

test("values are the quantiles of the times, and last their mean", () => {
  for (const count of [1, 2, 3, 10, 200, 2000]) {
    const times = delays(count);
    const expected = [...PS.map((p) => quantile(times, p)!), mean(times)!];
    withinTrial(times, PS).forEach(({ value }, index) => {
      assert.ok(Math.abs(value - expected[index]!) < 1e-9);
    });
  }
});

test("an interval holds its value, and scales with the times", () => {
  const times = delays(2000);
  const scaled = withinTrial(times.map((time) => 10 * time), PS);
  withinTrial(times, PS).forEach(({ value, low, high }, index) => {
    assert.ok(low! < high! && low! <= value && value <= high!);
    assert.ok(low! > Math.min(...times) && high! <= Math.max(...times));
    assert.ok(Math.abs(scaled[index]!.low! - 10 * low!) < 1e-9);
    assert.ok(Math.abs(scaled[index]!.high! - 10 * high!) < 1e-9);
  });
});

test("more calls narrow the intervals, and a stall that calls share widens them", () => {
  const widthOf = (times: number[]) => width(withinTrial(times, []).at(-1)!);
  const widths = [1000, 4000, 16_000].map((count) => widthOf(delays(count)));
  assert.ok(widths[1]! < 0.6 * widths[0]! && widths[2]! < 0.6 * widths[1]!);
  const times = range(2000).map((index) => index % 400 < 40 ? 0.5 : 0.05);
  assert.ok(widthOf(times) > 2 * widthOf(shuffle([...times])));
});

test("equal times have a point, too few no interval, impossible ones nothing", () => {
  const equal = withinTrial(range(2000).map(() => 0.25), PS);
  for (const { value, low, high } of equal) {
    assert.deepEqual([value, low, high], [0.25, 0.25, 0.25]);
  }
  for (const count of [1, 2, 800]) {
    for (const { value, low } of withinTrial(delays(count), PS)) {
      assert.ok(value > 0 && low === undefined);
    }
  }
  const [p50, , p999] = withinTrial(delays(2000), [0.5, 0.99, 0.999]);
  assert.ok(p50!.low !== undefined && p999!.low === undefined);
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
