import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { seededDelay } from "./delay.ts";
import { distribution } from "../../../lib/statistics.ts";

const CALLS = 10_000;
const delays = (options = {}) =>
  Array.from({ length: CALLS }, (_, id) => seededDelay(id + 1, options));

test("the delays are the same to the bit on every runtime", () => {
  const hash = createHash("sha256");
  for (const seed of [0, 1, 2, 42, 2 ** 31]) {
    hash.update(Float64Array.from(delays({ seed })));
  }
  assert.equal(
    hash.digest("hex"),
    "c787750ab2d0f2d7bd3f4dbfc296c29efdc572201983cd00497a9486665785f9",
  );
});

test("half of the delays are below the median", () => {
  for (const median of [0.001, 0.06, 5]) {
    const { p50 } = distribution(delays({ median }))!;
    assert.ok(Math.abs(p50 / median - 1) < 0.02, `${p50} for ${median}`);
  }
});

test("the logarithm of the delays has the deviation sigma", () => {
  for (const sigma of [0.1, 0.5, 1]) {
    const logs = delays({ sigma }).map(Math.log);
    const mean = logs.reduce((sum, log) => sum + log) / CALLS;
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) /
      CALLS;
    const deviation = Math.sqrt(variance);
    assert.ok(Math.abs(deviation / sigma - 1) < 0.03, `${deviation}`);
  }
});

test("another seed gives other delays, and the same seed the same", () => {
  assert.deepEqual(delays({ seed: 7 }), delays({ seed: 7 }));
  const [one, two] = [delays({ seed: 1 }), delays({ seed: 2 })];
  const same = one.filter((delay, i) => delay === two[i]).length;
  assert.ok(same < CALLS / 100, `${same} of ${CALLS} are the same`);
});

test("a delay is a positive whole number of microseconds", () => {
  for (const delay of delays()) {
    assert.ok(delay > 0);
    assert.equal(delay, Math.round(delay * 1e6) / 1e6);
  }
});
