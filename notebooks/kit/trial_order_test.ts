import assert from "node:assert/strict";
import test from "node:test";
import { formatSeconds } from "../../lib/format.ts";
import type { Summary } from "../../lib/summary.ts";
import { figure } from "./chart.ts";
import {
  someRun,
  start,
  trial,
} from "../../scripts/dev/testing/example_runs.ts";
import { type Ordered, trialOrder } from "./trial_order.ts";

const p50 = {
  name: "p50",
  of: ({ response }: Summary) => response?.p50,
  format: formatSeconds,
};

/** A side whose trials ran one after another, every second second. */
function side(label: string, ...medians: number[]): Ordered {
  const trials = medians.map((median, index) =>
    trial([median], { timestamp: new Date(start + index * 2000), run: label })
  );
  return { label, color: "red", trials };
}

/** The dots as they are drawn on a phone, each as `x y`. */
function dots(...sides: Ordered[]): string[] {
  const { html } = figure(trialOrder(sides, p50, "style")!);
  const [, narrow] = html.split('class="narrow"');
  return [...narrow!.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)]
    .map(([, x, y]) => `${Math.round(Number(x))} ${Math.round(Number(y))}`);
}

const titleOf = (...sides: Ordered[]) => trialOrder(sides, p50, "style")?.title;

const steady = [0.1, 0.101, 0.099, 0.1, 0.1];

test("of steady trials the title says how far one is off at most", () => {
  // Fewer than five show no drift.
  assert.equal(
    titleOf(side("a", 0.1, 0.104, 0.108)),
    "No trial is more than 3.85 % off its style's mean",
  );
  assert.equal(
    titleOf(side("a", ...steady), side("b", 0.2, 0.206, 0.2, 0.194, 0.2)),
    "No trial is more than 3.00 % off its style's mean; no drift shown",
  );
});

test("a side that drifts is named, and so is every other one", () => {
  const drift = [0.1, 0.11, 0.12, 0.13, 0.14];
  assert.equal(
    titleOf(side("a", ...steady), side("b", ...drift)),
    "B drifted: its p50 was 100 ms in the first trial and 140 ms in the last",
  );
  const both = [side("a", ...drift), side("b", ...drift)];
  const { title, sentence } = trialOrder(both, p50, "style")!;
  assert.match(title, /^A drifted/);
  assert.match(sentence, / B drifted: its p50 was 100 ms .* last\.$/);
});

test("what was measured once, or not at all, has no order", () => {
  assert.equal(titleOf(side("a", 0.1), side("b", 0.2)), undefined);
  assert.equal(titleOf(side("a", 0, 0)), undefined);
  const without = { ...p50, of: () => undefined };
  assert.equal(trialOrder([side("a", 1, 2)], without, "style"), undefined);
});

test("each trial is drawn, in the order of time and not of the files", () => {
  const { label, color, trials } = side("a", ...steady);
  const shuffled = {
    label,
    color,
    trials: [3, 0, 4, 2, 1].map((n) => trials[n]!),
  };
  assert.deepEqual(dots(shuffled), dots({ label, color, trials }));
  assert.equal(new Set(dots(shuffled)).size, 5);
});

test("trials of one series are drawn at their places in it", () => {
  const inSeries = (...places: number[]): Ordered => {
    const { trials, ...rest } = side("a", 0.1, 0.1, 0.1);
    const common = { id: "s", seed: 1, trial: 1, of: 9 };
    return {
      ...rest,
      trials: trials.map((trial, index) => ({
        ...trial,
        run: someRun({ series: { ...common, place: places[index]! } }),
      })),
    };
  };
  assert.deepEqual(dots(inSeries(1, 2, 3)), dots(inSeries(3, 4, 5)));
  assert.notDeepEqual(dots(inSeries(1, 2, 3)), dots(inSeries(1, 2, 9)));
});

test("sides of one strip share it", () => {
  const together = [side("a", ...steady), side("b", ...steady)]
    .map((each) => ({ ...each, strip: "both" }));
  const { html } = figure(trialOrder(together, p50, "pair")!);
  assert.match(html, /<text[^>]*>both</);
  assert.doesNotMatch(html, /<text[^>]*>a</);
});
