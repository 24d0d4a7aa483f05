import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createGate } from "./gate.ts";
import { slidingLog } from "../servers/target/server/limiters.ts";
import { randomNumbers } from "../dev/testing/processes.ts";

/** A clock that skips to the next moment that someone waits for. */
function startClock() {
  const waiting: { at: number; wake: () => void }[] = [];
  let time = 0;
  return {
    now: () => time,
    sleep: (seconds: number) =>
      new Promise<void>((wake) => waiting.push({ at: time + seconds, wake })),
    async run(until: () => boolean) {
      while (!until()) {
        await turn();
        waiting.sort((a, b) => a.at - b.at);
        const next = waiting.shift();
        if (!next) continue;
        time = next.at;
        next.wake();
      }
    },
  };
}

const JITTER = 0.01;
const SERVICE = 0.1;

/**
 * Calls a server that accepts 100 calls a second. Resolves to the times of arrival;
 * `late` is the seconds from sending to arrival.
 */
async function call(calls: number, late: (id: number) => number) {
  const clock = startClock();
  const gate = createGate([{ limit: 100, per: 1 }], JITTER, clock);
  const arrivals: number[] = [];
  let ended = 0;
  for (let id = 0; id < calls; id++) {
    gate.pass().then(async (answered) => {
      await clock.sleep(late(id));
      arrivals.push(clock.now());
      await clock.sleep(SERVICE);
      answered(SERVICE);
      ended++;
    });
  }
  await clock.run(() => ended === calls);
  return arrivals.sort((a, b) => a - b);
}

function refused(arrivals: number[]): number {
  const limit = { limit: 100, per: 1, phase: 0, burst: 1 };
  let state: number[] | undefined;
  return arrivals.filter((now) => {
    const decision = slidingLog(state, now, limit);
    state = decision.state;
    return decision.wait > 0;
  }).length;
}

test("calls that arrive on time use nearly all of the limit", async () => {
  const arrivals = await call(500, () => 0.001);
  assert.equal(refused(arrivals), 0);
  const rate = (500 - 1) / (arrivals.at(-1)! - arrivals[0]!);
  assert.ok(rate > 98.5 && rate < 100, String(rate));
});

test("a late call delays the next ones", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomNumbers(seed);
    const late = Array.from(
      { length: 400 },
      () => random() < 0.02 ? 0.06 * random() : 0.002 * random(),
    );
    assert.equal(refused(await call(400, (id) => late[id]!)), 0, `${seed}`);
  }
});

test("network latency doesn't count as lateness", async () => {
  const arrivals = await call(500, () => 0.04);
  assert.equal(refused(arrivals), 0);
  const rate = (500 - 1) / (arrivals.at(-1)! - arrivals[0]!);
  assert.ok(rate > 98 && rate < 100, String(rate));
});

test("one stall of many calls delays the next ones once", async () => {
  const arrivals = await call(500, (id) => id >= 50 && id < 60 ? 0.1 : 0.001);
  assert.equal(refused(arrivals), 0);
  const rate = (500 - 1) / (arrivals.at(-1)! - arrivals[0]!);
  assert.ok(rate > 95, String(rate));
});

test("an ended gate lets all calls pass at once", async () => {
  const clock = startClock();
  const gate = createGate([{ limit: 1, per: 1 }], JITTER, clock);
  let passed = 0;
  for (let id = 0; id < 100; id++) gate.pass().then(() => passed++);
  gate.end();
  await clock.run(() => passed === 100);
  assert.ok(clock.now() < 2, String(clock.now()));
});

test("without the answers' times, late calls would be refused", () => {
  const interval = (1 + JITTER) / 100;
  const arrivals = Array.from(
    { length: 400 },
    (_, id) => id * interval + (id === 50 ? 0.06 : 0.001),
  ).sort((a, b) => a - b);
  assert.ok(refused(arrivals) > 0);
});

test("a closed gate lets no call pass", async () => {
  const clock = startClock();
  const gate = createGate([{ limit: 100, per: 1 }], JITTER, clock);
  const passed: number[] = [];
  gate.close(2);
  for (let id = 0; id < 3; id++) {
    gate.pass().then(() => passed.push(clock.now()));
  }
  await clock.run(() => passed.length === 3);
  assert.ok(passed[0]! >= 2);
  assert.deepEqual(passed, passed.toSorted((a, b) => a - b));
});
