import assert from "node:assert/strict";
import test from "node:test";
import { distribution } from "../../lib/statistics.ts";
import { doubtsOf, startCpu } from "./generator.ts";

/** Times that are all the same, in seconds. */
const all = (seconds: number) => distribution([seconds]);

function used(thread: number) {
  return { thread, all: 2 * thread };
}

const calm = { lateness: all(0), elapsed: all(0.05), cpu: used(0.1) };

test("a generator that was on time and had time is not doubted", () => {
  assert.deepEqual(doubtsOf(calm), []);
});

test("it may be late by half the median call, but not by much", () => {
  for (const elapsed of [0.0001, 0.005, 0.05, 2]) {
    const most = Math.min(Math.max(0.001, elapsed / 2), 0.1);
    const doubtsAt = (late: number) =>
      doubtsOf({ ...calm, elapsed: all(elapsed), lateness: all(late) });
    assert.deepEqual(doubtsAt(most * 0.999), []);
    const [doubt, ...more] = doubtsAt(most * 1.001);
    assert.deepEqual(more, []);
    assert.match(
      doubt!,
      /^load generator overloaded: calls left up to .* late \(p99; limit /,
    );
  }
});

test("a call that is early is no call of that rate", () => {
  const lateness = distribution([-0.002, 0, 0]);
  assert.match(doubtsOf({ ...calm, lateness })[0]!, /early, by up to 2.00 ms/);
});

test("one late call in a thousand doesn't matter, one in fifty does", () => {
  const lateness = (calls: number) =>
    distribution([...new Array(calls - 1).fill(0), 1]);
  assert.equal(doubtsOf({ ...calm, lateness: lateness(1000) }).length, 0);
  assert.equal(doubtsOf({ ...calm, lateness: lateness(50) }).length, 1);
});

test("without an answer a tick is all that it may be late by", () => {
  const unanswered = { ...calm, elapsed: undefined };
  assert.equal(doubtsOf({ ...unanswered, lateness: all(0.0009) }).length, 0);
  assert.equal(doubtsOf({ ...unanswered, lateness: all(0.0011) }).length, 1);
});

test("a generator that used its whole core is doubted", () => {
  for (const cpu of [0, 0.5, 0.95]) {
    assert.deepEqual(doubtsOf({ ...calm, cpu: used(cpu) }), []);
  }
  for (const [cpu, shown] of [[0.96, "96 %"], [1, "100 %"], [1.5, "150 %"]]) {
    const [doubt] = doubtsOf({ ...calm, cpu: used(cpu as number) });
    assert.ok(doubt!.includes(`busy: it used ${shown} of a core`), doubt);
  }
});

test("both doubts are said, and each speaks for itself", () => {
  const doubts = doubtsOf({
    lateness: all(1),
    elapsed: all(0.05),
    cpu: used(1),
  });
  assert.equal(doubts.length, 2);
  for (const doubt of doubts) assert.doesNotMatch(doubt, /\n|undefined|NaN/);
});

test("calls that nobody paced are not late", () => {
  assert.deepEqual(doubtsOf({ elapsed: all(0.05), cpu: used(0) }), []);
});

test("work costs processor time, and never less than none", () => {
  const cpu = startCpu();
  let used = cpu();
  assert.ok(used.thread >= 0 && used.all >= 0);
  // The system's clocks tick seldom, and that of this thread by its own work.
  const isUsed = () => used.thread > 0 && used.all > 0;
  for (let left = 1e6; !isUsed() && left > 0; left--) used = cpu();
  assert.ok(isUsed());
});
