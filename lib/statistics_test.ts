import assert from "node:assert/strict";
import test from "node:test";
import {
  countTimes,
  distribution,
  microseconds,
  optimum,
} from "./statistics.ts";
import { randomNumbers } from "../scripts/dev/testing/processes.ts";

const random = randomNumbers();
const someTimes = (most = 30) =>
  Array.from({ length: 1 + Math.floor(random() * most) }, random);
const sum = (times: number[]) => times.reduce((sum, time) => sum + time);

function assertClose(actual: number, expected: number) {
  const near = 1e-9 * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(actual - expected) < near, `${actual}, not ${expected}`);
}

test("percentiles are those of numpy", () => {
  // numpy.percentile([15, 20, 35, 40, 50], [50, 90, 95, 99])
  const { p50, p90, p95, p99, ...rest } = distribution([50, 15, 40, 20, 35])!;
  assertClose(p50, 35);
  assertClose(p90, 46);
  assertClose(p95, 48);
  assertClose(p99, 49.6);
  assert.deepEqual(rest, { min: 15, mean: 32, max: 50 });
});

test("percentiles are those of a naive sort", () => {
  for (let trial = 0; trial < 200; trial++) {
    const times = someTimes();
    const sorted = times.toSorted((a, b) => a - b);
    const naive = (p: number) => {
      const place = p * (sorted.length - 1);
      const below = sorted[Math.floor(place)]!;
      return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
    };
    const { min, mean, max, ...percentiles } = distribution(times)!;
    for (const [name, value] of Object.entries(percentiles)) {
      assertClose(value, naive(Number(name.slice(1)) / 100));
    }
    assertClose(min, sorted[0]!);
    assertClose(mean, sum(times) / times.length);
    assertClose(max, sorted.at(-1)!);
  }
});

test("what was not measured is not in the distribution", () => {
  assert.equal(distribution([]), undefined);
  assert.equal(distribution([undefined]), undefined);
  assert.equal(distribution([undefined, 0, 2])!.mean, 1);
});

test("the optimum of one at a time is the sum", () => {
  const times = someTimes();
  assertClose(optimum(times, 1), sum(times));
});

test("the optimum of all at once is the longest", () => {
  const times = someTimes();
  assert.equal(optimum(times), Math.max(...times));
  assert.equal(optimum(times, times.length), Math.max(...times));
});

test("the optimum starts each call where a place is free first", () => {
  // 3 and 1 start at once, then 2 at 1, 2 at 3 and 4 at 3.
  assert.equal(optimum([3, 1, 2, 2, 4], 2), 7);
  assert.equal(optimum([], 3), 0);
});

test("the optimum is at most twice what no schedule can beat", () => {
  for (let trial = 0; trial < 200; trial++) {
    const times = someTimes();
    const concurrency = 1 + Math.floor(random() * 8);
    const least = Math.max(sum(times) / concurrency, Math.max(...times));
    const found = optimum(times, concurrency);
    assert.ok(found >= least - 1e-9 && found <= 2 * least, `${found}`);
  }
});

test("the optimum keeps the interval between two starts", () => {
  assert.equal(optimum([1, 1, 1], Infinity, 2), 5);
  assert.equal(optimum([5, 1, 1], Infinity, 2), 5);
  assert.equal(optimum([1, 1, 1], 1, 0.5), 3);
});

/** The file's values, which the counted ones must agree with. */
const written = (values: number[]) =>
  values.map((value) => Number(value.toFixed(6)));

/** Counts the values; their distribution must be that of the file. */
function assertExact(values: number[]) {
  const times = countTimes();
  for (const value of values) times.add(microseconds(value));
  const expected = distribution(written(values))!;
  const actual = times.distribution()!;
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    assertClose(actual[name as keyof typeof actual], value);
  }
  assert.equal(times.count, values.length);
}

const shapes: Record<string, () => number> = {
  "all over a minute": () => 60 * random(),
  "below a millisecond": () => 0.001 * random(),
  "in a few microseconds": () => 0.05 + 0.000005 * random(),
  "all the same": () => 0.0625,
  "log-normal": () =>
    0.06 * Math.exp(Math.sqrt(-2 * Math.log(1 - random())) * random()),
  "heavy in the tail": () => Math.min(1e5, 0.001 * (1 - random()) ** -2),
  "half-way between microseconds": () =>
    Math.floor(1e6 * random()) / 2e6 + 5e-7,
  "of a clock that is set back": () => random() - 0.5,
};

for (const [shape, next] of Object.entries(shapes)) {
  test(`times that are ${shape} have the file's distribution`, () => {
    for (let trial = 0; trial < 200; trial++) {
      assertExact(Array.from({ length: 1 + 500 * random() ** 3 }, next));
    }
  });
}

test("a million times have the file's distribution", () => {
  const next = shapes["log-normal"]!;
  assertExact(Array.from({ length: 1e6 }, next));
});

test("so have many times of all shapes together", () => {
  const all = Object.values(shapes);
  const next = () => all[Math.floor(all.length * random())]!();
  assertExact(Array.from({ length: 100_000 }, next));
});
