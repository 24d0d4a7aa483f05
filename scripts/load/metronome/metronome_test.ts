import assert from "node:assert/strict";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startMetronome } from "./mod.ts";
import { randomNumbers } from "../../dev/testing/processes.ts";

const metronome = await startMetronome();
after(metronome.stop);

test("it never wakes before the moment, not by a microsecond", async () => {
  const random = randomNumbers();
  for (let n = 0; n < 100; n++) {
    const moment = performance.now() + random() * 3;
    await metronome.until(moment);
    const early = moment - performance.now();
    assert.ok(early <= 0, `${early} ms early`);
  }
});

test("moments that follow each other are reached in their order", async () => {
  const begun = performance.now();
  const reached: number[] = [];
  for (let n = 0; n < 200; n++) {
    const moment = begun + n / 4;
    await metronome.until(moment);
    reached.push(performance.now());
    assert.ok(reached.at(-1)! >= moment);
  }
  assert.deepEqual(reached, reached.toSorted((a, b) => a - b));
});

test("a moment that has passed is not waited for", async () => {
  let woken = 0;
  // One that sleeps for a day would not end.
  for (const passed of [0, 1, performance.now() - 1, performance.now()]) {
    await metronome.until(passed);
    woken++;
  }
  assert.equal(woken, 4);
});

test("passed moments one after another let all other work run", async () => {
  const done = new Set<string>();
  setImmediate(() => done.add("immediate"));
  setTimeout(() => done.add("timer"), 0);
  fetch("data:,text").then(() => done.add("fetch"));
  sleep(20).then(() => done.add("sleep"));
  while (done.size < 4) await metronome.until(0);
});

test("it rests between two bursts of passed moments as well", async () => {
  for (let burst = 0; burst < 3; burst++) {
    let fired = false;
    setTimeout(() => fired = true, 1);
    while (!fired) await metronome.until(0);
    await metronome.until(performance.now() + 2);
  }
});

test("it can be stopped while it sleeps", async () => {
  const sleeping = await startMetronome();
  let woken = false;
  sleeping.until(performance.now() + 3_600_000).then(() => woken = true);
  await sleep(20);
  await sleeping.stop();
  assert.equal(woken, false);
});

test("two of them don't wake each other", async () => {
  const other = await startMetronome();
  const moment = performance.now() + 40;
  const late = other.until(moment).then(() => performance.now());
  for (let n = 1; n <= 20; n++) await metronome.until(moment - 40 + n);
  assert.ok(await late >= moment);
  await other.stop();
});
