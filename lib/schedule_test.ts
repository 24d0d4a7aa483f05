import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import pThrottle from "p-throttle";
import type { Answer } from "./client.ts";
import { startMetronome } from "../scripts/load/metronome/mod.ts";
import { runSchedule, type Schedule } from "./schedule.ts";

const MANY = 100_000;

/** The styles, each as its script has it. */
const schedules: Record<string, Schedule> = {
  sync: async ({ ids, call }) => {
    for (const id of ids) await call(id);
  },
  async: ({ ids, call }) => Promise.all(ids.map((id) => call(id))),
  semaphore({ ids, call }) {
    const semaphore = pLimit(3);
    return Promise.all(ids.map((id) => semaphore(() => call(id))));
  },
  throttle({ ids, call }) {
    const throttle = pThrottle({ limit: MANY, interval: 1, strict: true });
    return Promise.all(ids.map(throttle((id) => call(id))));
  },
  async users({ call, now, sleep }) {
    let calls = 0;
    const live = async () => {
      while (true) await call(++calls, now());
    };
    for (let user = 0; user < 3; user++) live();
    await sleep(600);
  },
  async attack({ ids, call, until }) {
    for (const id of ids) {
      await until(0);
      call(id);
    }
  },
};

/** A call that ends before it has waited for anything, after some work. */
function callAtOnce(): Promise<Answer> {
  const begun = performance.now();
  while (performance.now() - begun < 0.05);
  return Promise.resolve({ headers: {} });
}

for (const [name, schedule] of Object.entries(schedules)) {
  test(`${name} is ended by a timer, whatever its calls do`, async () => {
    const metronome = await startMetronome();
    let calls = 0;
    const ending = new AbortController();
    await runSchedule(schedule, {
      calls: MANY,
      call() {
        if (calls++ === 0) setTimeout(() => ending.abort(), 50);
        return callAtOnce();
      },
      metronome,
      signal: ending.signal,
    });
    assert.ok(calls > 0 && calls < MANY / 2, `${calls} calls`);
    const made = calls;
    await sleep(10);
    assert.equal(calls, made);
    await metronome.stop();
  });
}

test("calls that wait for a turn start in their order", async () => {
  const started: number[] = [];
  await runSchedule(schedules.async!, {
    calls: 2000,
    call(id) {
      started.push(id);
      return callAtOnce();
    },
    signal: new AbortController().signal,
  });
  assert.deepEqual(started, Array.from({ length: 2000 }, (_, at) => at + 1));
});

test("calls that wait for a turn when the schedule ends are made all the same", async () => {
  let calls = 0;
  const all: Schedule = ({ ids, call }) => {
    for (const id of ids) call(id);
    return Promise.resolve();
  };
  await runSchedule(all, {
    calls: 2000,
    call() {
      calls++;
      return callAtOnce();
    },
    signal: new AbortController().signal,
  });
  assert.equal(calls, 2000);
});
