import assert from "node:assert/strict";
import test from "node:test";
import { arrivals, type Stage, stages } from "./arrivals.ts";
import { randomNumbers } from "../dev/testing/processes.ts";

const random = randomNumbers();

/** Stages of any shape: flat, rising, falling, paused, and without length. */
function someStages(): Stage[] {
  const rate = () => random() < 0.2 ? 0 : 10 ** (4 * random() - 1);
  return Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
    const from = rate();
    const to = random() < 0.4 ? from : rate();
    const seconds = random() < 0.1 ? 0 : 10 ** (3 * random() - 2);
    return { from, to, seconds };
  });
}

/** How many calls the rate adds up to, from the start until `time`. */
function integral(stages: Stage[], time: number): number {
  let start = 0;
  let sum = 0;
  for (const { from, to, seconds } of stages) {
    const passed = Math.min(Math.max(0, time - start), seconds);
    const reached = from + (to - from) * passed / (seconds || 1);
    sum += (from + reached) / 2 * passed;
    start += seconds;
  }
  return sum;
}

function dues(stages: Stage[]): number[] {
  const { total, due } = arrivals(stages);
  return Array.from({ length: total }, (_, n) => due(n));
}

function assertClose(actual: number, expected: number, tolerance = 1e-9) {
  const near = Math.abs(actual - expected) <= tolerance;
  assert.ok(near, `${actual}, not ${expected}`);
}

test("call n is due when the integral of the rate is n", () => {
  for (let trial = 0; trial < 200; trial++) {
    const some = someStages();
    dues(some).forEach((due, n) => assertClose(integral(some, due), n, 1e-5));
  }
});

test("any interval has as many calls as its rate adds up to, give or take one", () => {
  for (let trial = 0; trial < 200; trial++) {
    const some = someStages();
    const times = dues(some);
    const { seconds } = arrivals(some);
    for (let cut = 0; cut < 20; cut++) {
      const [start, end] = [random() * seconds, random() * seconds].toSorted(
        (a, b) => a - b,
      ) as [number, number];
      const found = times.filter((due) => due >= start && due < end).length;
      const expected = integral(some, end) - integral(some, start);
      assertClose(found, expected, 1 + 1e-5);
    }
  }
});

test("no call is due before the one before it, or after the end", () => {
  for (let trial = 0; trial < 200; trial++) {
    const some = someStages();
    const { total, seconds, due } = arrivals(some);
    dues(some).reduce((before, due) => {
      assert.ok(due >= before && due <= seconds, `${before}, then ${due}`);
      return due;
    }, 0);
    assert.equal(due(total), Infinity);
    assertClose(total, integral(some, seconds) + 0.5, 0.5 + 1e-5);
  }
});

test("a constant rate is n / rate, after ten million calls too", () => {
  for (const rate of [0.1, 1 / 3, 1, 7, 99.9, 500, 5000, 33333]) {
    const { due } = arrivals(stages([rate], 1e7 / rate, 0));
    for (const n of [0, 1, 2, 3, 1000, 123456, 1e7 - 1]) {
      assertClose(due(n), n / rate, Math.max(1e-9, n / rate * 1e-15));
    }
  }
});

test("the calls are those that are due before the end", () => {
  const total = (rate: number, seconds: number) =>
    arrivals(stages([rate], seconds, 0)).total;
  assert.equal(total(500, 5), 2500);
  assert.equal(total(0.5, 3), 2);
  assert.equal(total(0.5, 4), 2);
  assert.equal(total(0.1, 30), 3);
  assert.equal(total(0.07, 100), 7);
  assert.equal(total(0, 10), 0);
  assert.equal(arrivals([]).total, 0);
  assert.equal(arrivals(stages([0.1, 0.1, 0.1], 10, 0)).total, 3);
});

test("a ramp has half the calls of its rate, and starts at once", () => {
  for (let trial = 0; trial < 100; trial++) {
    const [rate, ramp] = [1 + 1000 * random(), 0.1 + 10 * random()];
    const { total, due } = arrivals([{ from: 0, to: rate, seconds: ramp }]);
    assert.equal(total, Math.ceil(rate * ramp / 2 - 1e-6));
    assert.equal(due(0), 0);
    for (let n = 1; n < total; n += 17) {
      assertClose(due(n), Math.sqrt(2 * n * ramp / rate), 1e-9);
    }
  }
});

test("a stage in several pieces is the same stage", () => {
  for (let trial = 0; trial < 100; trial++) {
    const whole = { from: 100 * random(), to: 100 * random(), seconds: 10 };
    const cut = random();
    const middle = whole.from + (whole.to - whole.from) * cut;
    const pieces = [
      { from: whole.from, to: middle, seconds: 10 * cut },
      { from: middle, to: whole.to, seconds: 10 * (1 - cut) },
    ];
    const expected = dues([whole]);
    const found = dues(pieces);
    assert.equal(found.length, expected.length);
    found.forEach((due, n) => assertClose(due, expected[n]!, 1e-6));
  }
});

test("nothing is due in a pause", () => {
  const pause = { from: 0, to: 0, seconds: 5 };
  const slow = { from: 0.07, to: 0.07, seconds: 100 };
  const found = dues([pause, slow, pause, slow, pause]);
  assert.equal(found.length, 14);
  found.forEach((due, n) =>
    assertClose(due, (n < 7 ? 5 : 10) + n / 0.07, 1e-6)
  );
});

test("the stages are a ramp to the first rate, and then each rate", () => {
  assert.deepEqual(stages([10, 20], 5, 2), [
    { from: 0, to: 10, seconds: 2 },
    { from: 10, to: 10, seconds: 5 },
    { from: 20, to: 20, seconds: 5 },
  ]);
  assert.equal(stages([10], 5, 0).length, 1);
  assert.deepEqual(stages([], 5, 2), []);
});
