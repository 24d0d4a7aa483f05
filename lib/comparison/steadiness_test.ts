import assert from "node:assert/strict";
import test from "node:test";
import { start, trial } from "../report/testing.ts";
import { randomNumbers } from "../testing.ts";
import { unsteady } from "./steadiness.ts";

/** Trials one after another, each of calls that took so many seconds. */
function side(medians: number[]) {
  const trials = medians.map((median, place) => {
    const timestamp = new Date(start + place * 1000);
    return trial([median, median, median], { timestamp, run: `run-${place}` });
  });
  return { label: "a", trials };
}

test("trials that are alike are steady", () => {
  assert.deepEqual(unsteady(side([0.06, 0.061, 0.059, 0.0605, 0.06])), []);
  assert.deepEqual(unsteady(side([0.06, 0.06, 0.06, 0.06, 0.06])), []);
});

test("trials of which each is slower than the one before drift", () => {
  const [said] = unsteady(side([0.06, 0.062, 0.064, 0.066, 0.068]));
  assert.match(
    said!,
    /^a drifted: its \w+ was 6\S+ ms in the first trial and /,
  );
});

test("the order of the rows' times counts, and not that of the trials", () => {
  const { label, trials } = side([0.06, 0.062, 0.064, 0.066, 0.068]);
  const shuffled = [3, 0, 4, 2, 1].map((place) => trials[place]!);
  assert.match(unsteady({ label, trials: shuffled })[0]!, /^a drifted/);
});

test("a drift of 2 % is nothing that a person would mind", () => {
  assert.deepEqual(unsteady(side([1, 1.005, 1.01, 1.015, 1.02])), []);
});

test("a trial far from all others is an outlier, by its run", () => {
  const [said] = unsteady(side([0.06, 0.061, 0.12, 0.059, 0.0605]));
  assert.match(said!, /^run run-2 of a is an outlier: its \w+ is 120 ms, /);
});

test("four trials are too few to speak of either", () => {
  assert.deepEqual(unsteady(side([0.06, 0.07, 0.08, 0.9])), []);
});

test("few sets of normal trials have an outlier or a drift", () => {
  const random = randomNumbers(1);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const sets = Array.from(
    { length: 200 },
    () => unsteady(side(Array.from({ length: 8 }, () => 1 + 0.05 * normal()))),
  );
  assert.ok(sets.filter(({ length }) => length > 0).length < 20);
});
