/** What attack.ts measures of the target's routes, whose laws are known. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test, { after } from "node:test";
import { ascending } from "d3-array";
import { startServer } from "../../lib/script.ts";
import { responseTime } from "../../notebooks/kit/calls.ts";
import { run } from "../chapters/run.ts";
import {
  constant,
  evenly,
  type Law,
  single,
  stalled,
  twoPoint,
} from "./testing/laws.ts";
import { readRows, stats, temporaryFolder } from "./testing/processes.ts";

const target = await startServer("target.ts");
after(() => target.stop());
const out = temporaryFolder();

const arrivals = { calls: 300, rate: 200 };
/** Faster than the law by so much are a rounding and one call's place in it. */
const FASTER = 1.5 / arrivals.rate;
/** A call that nothing holds up is slower by less than this. */
const SLOWER = 0.02;
/** Two threads' clocks may differ by this. */
const EARLIER = 0.0005;

const points = { fast: 0.02, slow: 0.1, share: 0.05, seed: 1 };
const stall = { at: 0.75, length: 0.3, every: 1.5, delay: 0.01 };
const stalling = "/stall?at=750ms&for=300ms&every=1500ms&delay=10ms";

/** Paths of the target, whose laws are in seconds. */
const truths: Record<string, [path: string, law: Law]> = {
  "constant": ["/delay/50", constant(0.05)],
  "two-point": [
    "/two-point?id={id}&fast=20ms&slow=100ms&share=0.05&seed=1",
    twoPoint(points),
  ],
  "stall": [`${stalling}&key=stall`, stalled(stall)],
  "overload": ["/single?service=6ms&key=overload", single(0.006)],
};

/** The rows come in the order of the calls. */
async function attack(called: string, ...options: string[]) {
  // Requests take turns, and those of a warm-up come after those of the calls.
  const { calls, rate } = arrivals;
  const turns = path.join(out, "turns.txt");
  const line = (path: string) => `GET ${target.url}${path}\n`;
  fs.writeFileSync(turns, line(called).repeat(calls) + line("/").repeat(60));
  const stdout = await run`attack.ts --rate ${rate} --duration ${calls / rate}s
    --targets ${turns} --warmup 60 --out ${out} --json ${options}`;
  const rows = readRows(path.join(out, "metrics_attack.csv"))
    .sort((one, other) => Number(one.id) - Number(other.id));
  return { rows, summary: JSON.parse(stdout) };
}

/** The n-th fastest is not faster than the law's n-th fastest. */
function isNeverFaster(times: number[], expected: number[]): boolean {
  const sorted = expected.toSorted(ascending);
  // A run of other calls than the law's is compared at the same shares.
  return times.toSorted(ascending).every((time, rank, { length }) => {
    const share = length > 1 ? rank / (length - 1) : 0;
    return time > sorted[Math.floor(share * (sorted.length - 1))]! - FASTER;
  });
}

for (const [name, [path, law]] of Object.entries(truths)) {
  test(`${name}: response times are the law's, and never below`, async () => {
    // With few at once the overload queues in the client, which counts as well.
    const few = name === "overload";
    const options = few ? ["--max-in-flight", "8"] : [];
    const { rows, summary } = await attack(path, ...options);
    assert.equal(rows.length + summary.unsent, arrivals.calls);
    const { min } = summary.lateness;
    assert.ok(min > -EARLIER, `sent ${-min} s before it was due`);

    const times = rows.map((row) => responseTime(row)!);
    const expected = law(evenly({ ...arrivals, calls: rows.length }));
    assert.ok(isNeverFaster(times, expected), "faster than the law");
    const onTime = times.filter((time, n) => time < expected[n]! + SLOWER);
    assert.ok(onTime.length > 0, "slower than the law, all of them");
    if (!few) return;
    const elapsed = rows.map((row) => row.elapsed!);
    assert.ok(!isNeverFaster(elapsed, expected), "elapsed alone would do");
  });
}

test("a bucket accepts as many as it has tokens", async () => {
  const limit = { limit: arrivals.rate / 2, per: 1 };
  const path = `/limited?window=bucket&limit=${limit.limit}&key=gate`;
  const { summary } = await attack(path);
  const counted = await stats(target.url, "gate");
  const { accepted = 0, rejected, first = 0, last = 0 } = counted;
  assert.deepEqual(summary.status, { 200: accepted, 429: rejected });
  assert.deepEqual([summary.ok, summary.failed], [accepted, rejected]);
  const tokens = limit.limit * (1 + (last - first) / limit.per);
  assert.ok(accepted <= tokens + 1, `${accepted} of ${tokens}`);
  assert.ok(accepted >= limit.limit, `${accepted} of a full bucket`);
});

test("users who wait for their answers don't see the stall as it is", async () => {
  const [, law] = truths.stall!;
  const options = ["--url", `${target.url}${stalling}&key=users`];
  await run`users.ts ${options} --duration 1.5s --out ${out}`;
  const rows = readRows(path.join(out, "metrics_users.csv"));
  const times = rows.map((row) => responseTime(row)!);
  assert.ok(!isNeverFaster(times, law(evenly(arrivals))));
});
