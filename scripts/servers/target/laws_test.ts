import assert from "node:assert/strict";
import test from "node:test";
import { acceptedByBucket, constant, type EvenLoad } from "./laws.ts";
import { evenly, type Law, single, stalled, twoPoint } from "./laws.ts";
import { bucket } from "./limiters.ts";
import { distribution } from "../../../lib/statistics.ts";
import { randomNumbers } from "../../dev/testing/processes.ts";

const TRIALS = 200;
const random = randomNumbers();
const between = (least: number, most: number) =>
  least + random() * (most - least);
const wholeBetween = (least: number, most: number) =>
  Math.floor(between(least, most + 1));

const someArrivals = (): EvenLoad => ({
  calls: wholeBetween(1, 500),
  rate: between(10, 1000),
});

function assertClose(actual: number, expected: number, by = 1e-9) {
  const close = Math.abs(actual - expected) <= by;
  assert.ok(close, `${actual}, not ${expected}, give or take ${by}`);
}

/** The tool's percentiles of evenly due calls, and those of the closed form. */
function percentiles(law: Law, arrivals: EvenLoad) {
  const { min, mean: _, max, ...rest } = distribution(
    law.times(evenly(arrivals)),
  )!;
  const measured = Object.entries(rest).map(([name, value]) => ({
    p: Number(`0.${name.slice(1)}`),
    value,
  }));
  return [{ p: 0, value: min }, ...measured, { p: 1, value: max }].map(
    ({ p, value }) => ({ p, value, closed: law.quantile(p, arrivals) }),
  );
}

/** Dues from 0 on, in bursts and with rests. */
function someDues(calls: number): number[] {
  let due = 0;
  return Array.from({ length: calls }, (_, index) => {
    if (index > 0) due += random() < 0.5 ? 0 : between(0, 0.01);
    return due;
  });
}

test("evenly due calls begin at 0 and keep the rate", () => {
  assert.deepEqual(evenly({ calls: 4, rate: 2 }), [0, 0.5, 1, 1.5]);
  assert.deepEqual(evenly({ calls: 0, rate: 2 }), []);
});

test("a constant is all of its percentiles", () => {
  for (const { value, closed } of percentiles(constant(0.02), someArrivals())) {
    assert.deepEqual([value, closed], [0.02, 0.02]);
  }
});

test("the percentiles of two points are on the closed form's step", () => {
  for (let trial = 0; trial < TRIALS; trial++) {
    const share = between(0, 1);
    const server = { fast: 0.005, slow: 0.05, share, seed: trial };
    const calls = 2000;
    // Five standard deviations of the share that is slow.
    const off = 5 * Math.sqrt(share * (1 - share) / calls) + 1 / calls;
    const law = twoPoint(server);
    for (const { p, value, closed } of percentiles(law, { calls, rate: 100 })) {
      if (Math.abs(p - (1 - share)) > off) assert.equal(value, closed);
    }
  }
});

test("of two points all calls are fast at a share of 0, and slow at 1", () => {
  const server = { fast: 0.005, slow: 0.05, seed: 1 };
  for (const [share, time] of [[0, server.fast], [1, server.slow]] as const) {
    const law = twoPoint({ ...server, share });
    const dues = evenly({ calls: 1000, rate: 100 });
    assert.deepEqual([...new Set(law.times(dues))], [time]);
  }
});

test("which calls are slow is a matter of seed and id alone", () => {
  const slowOnes = (share: number, seed: number, rate = 100) =>
    twoPoint({ fast: 0, slow: 1, share, seed })
      .times(evenly({ calls: 1000, rate }));
  assert.deepEqual(slowOnes(0.3, 1), slowOnes(0.3, 1, 7));
  assert.notDeepEqual(slowOnes(0.3, 1), slowOnes(0.3, 2));
  // Those of a smaller share are among those of a larger one.
  const more = slowOnes(0.6, 1);
  slowOnes(0.3, 1).forEach((slow, index) => assert.ok(slow <= more[index]!));
});

/** Freezes that end within their period. */
function someStall() {
  const every = between(1, 20);
  const at = between(0, every);
  const length = between(0, every - at);
  return { at, length, every, delay: between(0, 0.2) };
}

test("no answer leaves a stalled server that is frozen", () => {
  for (let trial = 0; trial < TRIALS; trial++) {
    const server = someStall();
    const { at, length, every, delay } = server;
    const dues = evenly({ calls: 500, rate: 500 / (2 * every) });
    stalled(server).times(dues).forEach((time, index) => {
      const answered = dues[index]! % every + time;
      assert.ok(time >= delay - 1e-9);
      assert.ok(answered <= at + 1e-9 || answered >= at + length - 1e-9);
      if (time > delay) assertClose(answered, at + length);
    });
  }
});

test("the percentiles of whole periods are on the stall's line", () => {
  for (let trial = 0; trial < TRIALS; trial++) {
    const server = someStall();
    const calls = 5000;
    const rate = calls / (wholeBetween(1, 3) * server.every);
    for (const found of percentiles(stalled(server), { calls, rate })) {
      assertClose(found.value, found.closed, 4 / rate);
    }
  }
});

test("the percentiles of a run with one freeze are on the stall's line", () => {
  for (let trial = 0; trial < TRIALS; trial++) {
    const server = someStall();
    const duration = between(server.at + server.length, server.every);
    const calls = 5000;
    const arrivals = { calls, rate: calls / duration };
    for (const found of percentiles(stalled(server), arrivals)) {
      assertClose(found.value, found.closed, 4 / arrivals.rate);
    }
  }
});

test("one at a time never overlap, and nobody waits without a cause", () => {
  for (let trial = 0; trial < TRIALS; trial++) {
    const service = between(0, 0.01);
    const dues = someDues(100);
    const times = single(service).times(dues);
    let free = 0;
    times.forEach((time, index) => {
      const begun = dues[index]! + time - service;
      assertClose(begun, Math.max(free, dues[index]!));
      free = begun + service;
    });
  }
});

test("the percentiles of one at a time are the closed form's, busy or not", () => {
  for (let trial = 0; trial < TRIALS; trial++) {
    const arrivals = someArrivals();
    const law = single(between(0, 4 / arrivals.rate));
    for (const { value, closed } of percentiles(law, arrivals)) {
      assertClose(value, closed);
    }
  }
});

/** How many the limiter itself accepts. */
function acceptedByLimiter(
  rate: { limit: number; per: number },
  arrivals: EvenLoad,
): number {
  let state: Parameters<typeof bucket>[0];
  return evenly(arrivals).filter((now) => {
    const decision = bucket(state, now, { ...rate, phase: 0, burst: 1 });
    state = decision.state;
    return decision.wait === 0;
  }).length;
}

test("a bucket accepts what the limiter does, at any rate", () => {
  for (let trial = 0; trial < 10 * TRIALS; trial++) {
    const limit = { limit: wholeBetween(1, 50), per: between(0.1, 3) };
    const rate = between(0.1, 4) * limit.limit / limit.per;
    const arrivals = { calls: wholeBetween(1, 300), rate };
    const what = JSON.stringify({ limit, arrivals });
    const expected = acceptedByLimiter(limit, arrivals);
    assert.equal(acceptedByBucket(limit, arrivals), expected, what);
  }
});

test("a bucket accepts a call that comes exactly with its token", () => {
  for (const limit of [1, 2, 3, 10, 100]) {
    for (const per of [0.1, 0.3, 1, 3]) {
      for (const times of [0.5, 1, 2, 3, 7]) {
        const rate = times * limit / per;
        for (let calls = 1; calls <= 301; calls += 5) {
          const what = `${calls} calls at ${rate}, ${limit} in ${per} s`;
          const accepted = acceptedByBucket({ limit, per }, { calls, rate });
          const expected = acceptedByLimiter({ limit, per }, { calls, rate });
          assert.equal(accepted, expected, what);
          if (times <= 1) assert.equal(accepted, calls, what);
        }
      }
    }
  }
});
