import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import { distribution } from "./statistics.ts";
import { randomNumbers } from "../scripts/dev/testing/processes.ts";
import { countTimes } from "./times.ts";

const random = randomNumbers();

function assertClose(actual: number, expected: number) {
  const near = Math.abs(actual - expected) <=
    1e-9 * Math.max(1, Math.abs(expected));
  assert.ok(near, `${actual}, not ${expected}`);
}

/** The file's values, which the counted ones must agree with. */
const written = (values: number[]) =>
  values.map((value) => Number(value.toFixed(6)));

/** Counts the values; their distribution must be that of the file. */
function assertExact(values: number[]) {
  const times = countTimes();
  values.forEach(times.add);
  const expected = distribution(written(values))!;
  const actual = times.distribution()!;
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    assertClose(actual[name as keyof typeof actual], value);
  }
  assert.equal(times.count, values.length);
  return times;
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

test("times that are far apart take no more memory than they are many", () => {
  const times = countTimes();
  const before = process.memoryUsage();
  // As the waits of messages that are called for an hour.
  for (let call = 0; call < 500_000; call++) times.add(call * 0.0072);
  const after = process.memoryUsage();
  const taken = after.heapUsed + after.arrayBuffers - before.heapUsed -
    before.arrayBuffers;
  assert.ok(taken < 100e6, `${taken} bytes`);
  assert.equal(times.quantile(1), 3599.9928);
});

test("two times far apart are interpolated between", () => {
  const times = assertExact([0.001, 1000]);
  assertClose(times.quantile(0.25)!, 0.001 + 0.25 * 999.999);
  assert.equal(times.quantile(0), 0.001);
  assert.equal(times.quantile(1), 1000);
});

test("a time may come any number of times", () => {
  const times = countTimes();
  for (let round = 0; round < 70_000; round++) times.add(0.25);
  times.add(0.250001);
  times.add(0.5);
  assert.equal(times.quantile(70_000 / 70_001), 0.250001);
  assert.equal(times.quantile(69_999 / 70_001), 0.25);
  assert.equal(times.count, 70_002);
});

test("times that are added after a look count too", () => {
  const times = countTimes();
  const values: number[] = [];
  for (let round = 0; round < 500; round++) {
    values.push(random());
    times.add(values.at(-1)!);
    assertClose(times.quantile(0.9)!, distribution(written(values))!.p90);
  }
});

test("without a time there is no distribution", () => {
  const times = countTimes();
  assert.equal(times.count, 0);
  assert.equal(times.quantile(0.5), undefined);
  assert.equal(times.distribution(), undefined);
});
