import assert from "node:assert/strict";
import test from "node:test";
import { start, trial } from "../../../scripts/dev/testing/example_runs.ts";
import { randomNumbers } from "../../../scripts/dev/testing/processes.ts";
import { figures } from "./figures.ts";
import { unsteady } from "./steadiness.ts";

/** Trials one after another, whose calls took these medians, in seconds. */
function side(medians: number[]) {
  const trials = medians.map((median, place) => {
    const timestamp = new Date(start + place * 1000);
    return trial([median, median, median], { timestamp, run: `run-${place}` });
  });
  return { label: "a", trials };
}

const drift = [0.06, 0.062, 0.064, 0.066, 0.068];

test("trials that are alike, too few or drift by 2 % are steady", () => {
  const steady = [
    [0.06, 0.061, 0.059, 0.0605, 0.06],
    [0.06, 0.06, 0.06, 0.06, 0.06],
    [0.06, 0.07, 0.08, 0.9],
    [1, 1.005, 1.01, 1.015, 1.02],
  ];
  for (const medians of steady) assert.deepEqual(unsteady(side(medians)), []);
});

test("trials that get slower in the order of their rows' times drift", () => {
  const { label, trials } = side(drift);
  for (const order of [[0, 1, 2, 3, 4], [3, 0, 4, 2, 1]]) {
    const ordered = order.map((place) => trials[place]!);
    assert.match(
      unsteady({ label, trials: ordered })[0]!,
      /^a drifted: its \w+ was 6\S+ ms in the first trial and /,
    );
  }
});

test("a trial far from all others is an outlier, by its run", () => {
  for (const place of [0, 2, 4]) {
    const medians = [0.06, 0.061, 0.059, 0.0605, 0.0595].with(place, 0.12);
    const [said] = unsteady(side(medians));
    const says = ` of a is an outlier: its \\w+ is 120 ms, `;
    assert.match(said!, new RegExp(`^run run-${place}${says}`));
  }
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

test("a figure that some trials lack is not judged", () => {
  const found = side(drift);
  const p50 = figures.filter(({ name }) => name === "p50");
  assert.equal(unsteady(found, p50).length, 1);
  found.trials[2]!.summary.response = undefined;
  assert.deepEqual(unsteady(found, p50), []);
});
