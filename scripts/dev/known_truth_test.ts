import assert from "node:assert/strict";
import path from "node:path";
import test, { after } from "node:test";
import { ascending } from "d3-array";
import { attack, gate, truths } from "./testing/known_truth.ts";
import { acceptedByBucket, evenly } from "../servers/target/laws.ts";
import { run } from "../chapters/run.ts";
import { startServer } from "../../lib/script.ts";
import { responseTime } from "../../lib/summary.ts";
import { readRows, stats, temporaryFolder } from "./testing/processes.ts";

const arrivals = { calls: 300, rate: 200 };
/** Faster than the law by so much are a rounding and one call's place in it. */
const FASTER = 1.5 / arrivals.rate;
/** A machine with other work makes calls slower, but not each time. */
const SLOWER = 0.02;
const TRIES = 5;
/** Two threads' clocks may differ by this. */
const EARLIER = 0.0005;

const target = await startServer("target.ts");
after(() => target.stop());
const out = temporaryFolder();
const common = { ...arrivals, target: target.url, warmup: 60, out };

let tries = 0;
const truthOf = (name: string) =>
  truths(arrivals, `try-${++tries}`).find((truth) => truth.name === name)!;

/** The n-th fastest is not faster than the law's n-th fastest. */
function isNeverFaster(times: number[], expected: number[]): boolean {
  const sorted = expected.toSorted(ascending);
  // A run of other calls than the law's is compared at the same shares.
  return times.toSorted(ascending).every((time, rank, { length }) => {
    const share = length > 1 ? rank / (length - 1) : 0;
    return time > sorted[Math.floor(share * (sorted.length - 1))]! - FASTER;
  });
}

/** Most calls took what the law says of just these calls. */
function isMostlyOnTime(times: number[], expected: number[]): boolean {
  const close = times.filter((time, n) =>
    Math.abs(time - expected[n]!) < SLOWER
  );
  return close.length >= 0.8 * expected.length;
}

for (const name of ["constant", "two-point", "stall", "overload"]) {
  test(`${name}: response times are the law's, and never below`, async () => {
    // With few at once the overload queues in the client, which counts as well.
    const few = name === "overload";
    const options = few ? ["--max-in-flight", "8"] : [];
    for (let left = TRIES; left > 0; left--) {
      const { path, law } = truthOf(name);
      const { rows, summary } = await attack({ ...common, path }, ...options);
      assert.equal(rows.length + summary.unsent, arrivals.calls);
      assert.equal(rows.at(-1)!.id, String(rows.length));
      // A machine with other work may not send the last ones.
      if (!few && summary.unsent > 0) continue;
      const { min } = summary.lateness!;
      assert.ok(min > -EARLIER, `sent ${-min} s before it was due`);

      const times = rows.map((row) => responseTime(row)!);
      const expected = law.times(evenly({ ...arrivals, calls: rows.length }));
      assert.ok(isNeverFaster(times, expected), "faster than the law");
      if (few) {
        const elapsed = rows.map((row) => row.elapsed!);
        assert.ok(!isNeverFaster(elapsed, expected), "elapsed alone would do");
      }
      if (isMostlyOnTime(times, expected)) return;
    }
    assert.fail(`not one of ${TRIES} tries was on time`);
  });
}

test("gate: as many are accepted as it has tokens", async () => {
  for (let left = TRIES; left > 0; left--) {
    const key = `try-${++tries}`;
    const { limit, path } = gate(arrivals.rate, key);
    const { summary } = await attack({ ...common, path });
    const counted = await stats(target.url, key);
    const { accepted = 0, rejected, first = 0, last = 0 } = counted;
    assert.deepEqual(summary.status, { 200: accepted, 429: rejected });
    assert.equal(summary.ok, accepted);
    assert.equal(summary.failed, rejected);
    const tokens = limit.limit * (1 + (last - first) / limit.per);
    assert.ok(accepted <= tokens + 1, `${accepted} of ${tokens}`);
    // Calls that come late at first find a bucket that has spilled.
    const expected = acceptedByBucket(limit, arrivals);
    if (Math.abs(accepted - expected) <= 2) return;
  }
  assert.fail(`not one of ${TRIES} tries was on time`);
});

test("users who wait for their answers don't see the stall as it is", async () => {
  const { path: stall, law } = truthOf("stall");
  const options = ["--url", target.url + stall, "--duration", "1.5s"];
  await run`users.ts ${options} --out ${out}`;
  const rows = readRows(path.join(out, "metrics_users.csv"));
  const times = rows.map((row) => responseTime(row)!);
  assert.ok(!isNeverFaster(times, law.times(evenly(arrivals))));
});
