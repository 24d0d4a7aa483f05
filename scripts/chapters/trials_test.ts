import assert from "node:assert/strict";
import test from "node:test";
import { group, range } from "d3-array";
import { interleave } from "./trials.ts";

const things = ["a", "b", "c", "d"];
const orderOf = (seed: number, trials = 5) =>
  interleave(things, trials, seed).map(({ thing }) => thing).join("");

test("each trial has each thing once, and ends before the next begins", () => {
  for (const size of range(1, 8)) {
    for (const trials of range(8)) {
      const all = range(size);
      const turns = interleave(all, trials, 10 * size + trials);
      assert.deepEqual(
        turns.map(({ series: { trial, place, of } }) => [trial, place, of]),
        range(size * trials)
          .map((n) => [Math.floor(n / size) + 1, n + 1, size * trials]),
      );
      for (const round of group(turns, ({ series }) => series.trial).values()) {
        assert.deepEqual(round.map(({ thing }) => thing).sort(), all);
      }
    }
  }
  assert.deepEqual(interleave([], 5), []);
});

test("the order is that of its seed, and more trials go on as fewer began", () => {
  const orders = range(100).map((seed) => orderOf(seed));
  assert.deepEqual(range(100).map((seed) => orderOf(seed)), orders);
  assert.equal(new Set(orders).size, 100);
  for (const seed of range(20)) {
    assert.ok(orderOf(seed, 7).startsWith(orderOf(seed, 3)));
  }
});

test("a series has one id and its seed, and no other has that id", () => {
  const both = [interleave(things, 3, 7), interleave(things, 3, 7)];
  const ids = both.map((turns) =>
    new Set(turns.map(({ series }) => series.id))
  );
  assert.deepEqual(ids.map(({ size }) => size), [1, 1]);
  assert.ok(ids[0]!.isDisjointFrom(ids[1]!));
  assert.ok(both.flat().every(({ series }) => series.seed === 7));
});

test("each thing comes about equally often in each place of each trial", () => {
  const seeds = 4000;
  const turns = range(seeds).flatMap((seed) => interleave(things, 2, seed));
  const places = group(turns, ({ thing, series }) => thing + series.place);
  assert.equal(places.size, 2 * things.length ** 2);
  const expected = seeds / things.length;
  const deviation = Math.sqrt(expected * (1 - 1 / things.length));
  for (const [place, { length }] of places) {
    assert.ok(Math.abs(length - expected) < 4 * deviation, place);
  }
});
