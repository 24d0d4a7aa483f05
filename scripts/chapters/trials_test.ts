import assert from "node:assert/strict";
import test from "node:test";
import { group, range } from "d3-array";
import { interleave } from "./trials.ts";

/** Every size of a small series, each with a seed of its own. */
const sizes = range(1, 8).flatMap((things) =>
  range(1, 8).map((trials) => ({ things, trials, seed: 10 * things + trials }))
);

const things = ["a", "b", "c", "d"];
const orderOf = (seed: number, trials = 5) =>
  interleave(things, trials, seed).map(({ thing }) => thing).join("");

test("each trial has each thing once, and ends before the next begins", () => {
  for (const { things: count, trials, seed } of sizes) {
    const things = range(count);
    const turns = interleave(things, trials, seed);
    assert.deepEqual(
      turns.map(({ series }) => series.trial),
      range(1, trials + 1).flatMap((trial) => things.map(() => trial)),
    );
    for (const round of group(turns, ({ series }) => series.trial).values()) {
      assert.deepEqual(round.map(({ thing }) => thing).sort(), things);
    }
  }
});

test("places count from 1 to the number of all turns", () => {
  for (const { things, trials, seed } of sizes) {
    const turns = interleave(range(things), trials, seed);
    assert.deepEqual(
      turns.map(({ series }) => series.place),
      range(1, things * trials + 1),
    );
    assert.ok(turns.every(({ series }) => series.of === turns.length));
  }
});

test("the order is that of its seed, and other seeds have others", () => {
  const seeds = range(100);
  const orders = seeds.map((seed) => orderOf(seed));
  assert.deepEqual(seeds.map((seed) => orderOf(seed)), orders);
  assert.equal(new Set(orders).size, seeds.length);
  assert.equal(things.join(""), "abcd");
});

test("a series has one id and its seed, and no other has that id", () => {
  const both = [interleave(things, 3, 7), interleave(things, 3, 7)];
  const ids = both.map((turns) => {
    assert.ok(turns.every(({ series }) => series.seed === 7));
    const [id, ...others] = new Set(turns.map(({ series }) => series.id));
    assert.deepEqual(others, []);
    return id;
  });
  assert.notEqual(ids[0], ids[1]);
});

test("more trials go on as fewer began", () => {
  for (const seed of range(20)) {
    assert.ok(orderOf(seed, 7).startsWith(orderOf(seed, 3)));
  }
});

test("each thing comes about equally often in each place of each trial", () => {
  const seeds = 4000;
  const counts = new Map<string, number>();
  for (const seed of range(seeds)) {
    for (const { thing, series } of interleave(things, 2, seed)) {
      const key = `${thing} ${series.place}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  assert.equal(counts.size, 2 * things.length ** 2);
  const expected = seeds / things.length;
  const deviation = Math.sqrt(expected * (1 - 1 / things.length));
  for (const [key, count] of counts) {
    assert.ok(Math.abs(count - expected) < 4 * deviation, `${key}: ${count}`);
  }
});

test("nothing, no times, is no series", () => {
  assert.deepEqual(interleave([], 5), []);
  assert.deepEqual(interleave(things, 0), []);
});
