import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { seededDelay, stallDelay, twoPointDelay } from "./delay.ts";
import { randomNumbers } from "../../dev/testing/processes.ts";
import { distribution } from "../../../lib/statistics.ts";

const CALLS = 10_000;
const delays = (options = {}) =>
  Array.from({ length: CALLS }, (_, id) => seededDelay(id + 1, options));

test("delays are bit-identical on every runtime", () => {
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

test("the logarithm of the delays has standard deviation sigma", () => {
  for (const sigma of [0.1, 0.5, 1]) {
    const logs = delays({ sigma }).map(Math.log);
    const mean = logs.reduce((sum, log) => sum + log) / CALLS;
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) /
      CALLS;
    const deviation = Math.sqrt(variance);
    assert.ok(Math.abs(deviation / sigma - 1) < 0.03, `${deviation}`);
  }
});

test("the seed decides the delays", () => {
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

const ids = Array.from({ length: 1000 }, (_, index) => index + 1);

test("/two-point: all calls are fast at a share of 0, and slow at 1", () => {
  const server = { fast: 0.005, slow: 0.05, seed: 1 };
  for (const [share, time] of [[0, server.fast], [1, server.slow]] as const) {
    const times = ids.map((id) => twoPointDelay(id, { ...server, share }));
    assert.deepEqual([...new Set(times)], [time]);
  }
});

test("/two-point: seed and id alone decide which calls are slow", () => {
  const slowOnes = (share: number, seed: number) =>
    ids.map((id) => twoPointDelay(id, { fast: 0, slow: 1, share, seed }));
  assert.notDeepEqual(slowOnes(0.3, 1), slowOnes(0.3, 2));
  const slow = slowOnes(0.3, 1).filter(Boolean).length;
  assert.ok(slow > 230 && slow < 370, `${slow} of 1000`);
  // The slow calls of a smaller share are slow at a larger one too.
  const more = slowOnes(0.6, 1);
  slowOnes(0.3, 1).forEach((slow, index) => assert.ok(slow <= more[index]!));
});

test("/stall: no answer leaves while the server is frozen", () => {
  const random = randomNumbers();
  const upTo = (most: number) => most * random();
  for (let trial = 0; trial < 200; trial++) {
    const every = 1 + upTo(19);
    const at = upTo(every);
    const server = { at, length: upTo(every - at), every, delay: upTo(0.2) };
    for (const id of ids) {
      const due = id * 2 * every / ids.length;
      const time = stallDelay(due, server);
      const thaw = at + server.length;
      const answered = due % every + time;
      assert.ok(time >= server.delay - 1e-9);
      assert.ok(answered <= at + 1e-9 || answered >= thaw - 1e-9);
      if (time > server.delay) assert.ok(Math.abs(answered - thaw) <= 1e-9);
    }
  }
});
