import assert from "node:assert/strict";
import test from "node:test";
import { start, trial } from "../../../scripts/dev/testing/example_runs.ts";
import { randomNumbers } from "../../../scripts/dev/testing/processes.ts";
import { figures } from "./figures.ts";
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
  for (const trials of [5, 10]) {
    const sets = Array.from({ length: 150 }, () => {
      const medians = Array.from({ length: trials }, () => 1 + 0.05 * normal());
      return unsteady(side(medians));
    });
    const share = sets.filter(({ length }) => length > 0).length / sets.length;
    assert.ok(share < 0.08, `${share} of ${trials} trials`);
  }
});

test("the outlier is the trial that is named, wherever it stands", () => {
  for (const place of [0, 2, 4]) {
    const medians = [0.06, 0.061, 0.059, 0.0605, 0.0595];
    medians[place] = 0.12;
    assert.match(unsteady(side(medians))[0]!, new RegExp(`^run run-${place} `));
  }
});

test("a figure that some trials lack is not judged", () => {
  const found = side([0.06, 0.062, 0.064, 0.066, 0.068]);
  const p50 = figures.filter(({ name }) => name === "p50");
  assert.equal(unsteady(found, p50).length, 1);
  found.trials[2]!.summary.response = undefined;
  assert.deepEqual(unsteady(found, p50), []);
});
