import assert from "node:assert/strict";
import test from "node:test";
import { limiters } from "../servers/target/server/limiters.ts";
import { dueAfter, intervalOf, type Rate, waitFor } from "./pace.ts";
import { randomNumbers } from "../dev/testing/processes.ts";

/** When paced requests are sent for `seconds`, each late by up to `late`. */
function sendTimes(
  rates: Rate[],
  seconds: number,
  { jitter, late }: { jitter: number; late: () => number },
): number[] {
  const interval = intervalOf(rates, jitter);
  const sent: number[] = [];
  let now = 0;
  let due = 0;
  while (now < seconds) {
    const wait = waitFor(due, now, interval);
    if (wait > 0) {
      now += wait;
      continue;
    }
    now += late();
    sent.push(now);
    due = dueAfter(due, now, { interval, jitter });
  }
  return sent;
}

const scales = [20, 100, 1000];
const cases = scales.flatMap((limit) =>
  Object.keys(limiters).map((kind) => ({ limit, kind }))
);

for (const { limit, kind } of cases) {
  test(`${limit} per second are never refused by ${kind}, however they jitter`, () => {
    const random = randomNumbers(limit);
    for (
      const [jitter, network, least] of [[0.01, 0, 0.985], [0.05, 0.05, 0.95]]
    ) {
      for (let phase = 0; phase < 1; phase += 0.13) {
        const late = () => random() * 0.0005;
        const rates = [{ limit, per: 1 }];
        const sent = sendTimes(rates, 5, { jitter: jitter!, late });
        assert.ok(sent.length >= 5 * limit * least!, `only ${sent.length}`);

        const arrivals = sent.map((time) => time + random() * network!).sort(
          (a, b) => a - b,
        );
        const rule = { limit, per: 1, phase, burst: Math.max(1, limit / 10) };
        let state: unknown;
        for (const arrival of arrivals) {
          const decision = limiters[kind]!(state, arrival, rule);
          assert.equal(decision.wait, 0, `refused at ${arrival}`);
          state = decision.state;
        }
      }
    }
  });
}

test("several limits hold together", () => {
  const rates = [{ limit: 20, per: 1 }, { limit: 100, per: 120 }];
  const sent = sendTimes(rates, 600, { jitter: 0.01, late: () => 0 });
  for (const { limit, per } of rates) {
    sent.forEach((time, index) => {
      const before = sent[index - limit];
      assert.ok(before === undefined || time - before >= per);
    });
  }
});

test("a call that is late makes up for it, but no burst follows a pause", () => {
  const pace = { interval: 0.1, jitter: 0.1 };
  assert.equal(dueAfter(1, 1.02, pace), 1.1);
  assert.equal(dueAfter(1, 9, pace).toFixed(6), "9.050000");
});

test("nothing is sent early, and a clock that steps back costs one interval", () => {
  assert.equal(waitFor(5, 4.99, 0.1), 5 - 4.99);
  assert.equal(waitFor(5, 5, 0.1), 0);
  assert.equal(waitFor(5, 6, 0.1), 0);
  assert.equal(waitFor(5, -3600, 0.1), 0.1);
});
