import assert from "node:assert/strict";
import test from "node:test";
import { figure } from "../kit/chart.ts";
import {
  binned,
  callsInTime,
  percentileCurve,
  ratesInTime,
} from "./load_charts.ts";
import { randomNumbers } from "../../scripts/dev/testing/processes.ts";
import { attack, calls, users } from "../../scripts/dev/testing/pages.ts";
import { trial } from "../../scripts/dev/testing/example_runs.ts";

test("the rates of all steps add up to the calls", () => {
  const random = randomNumbers();
  const times = Array.from({ length: 1000 }, () => random() * 7);
  const rates = binned([...times, 7], 7 / 50);
  const sum = rates.reduce((sum, { rate }) => sum + rate * 7 / 50, 0);
  assert.equal(Math.round(sum), 1001);
  assert.equal(rates.at(-1)!.rate, 0);
});

for (
  const [what, times] of [
    ["one call", [0.005]],
    ["two calls of one time", [0.005, 0.005]],
    ["no time at all", [0, 0, 0]],
    ["no answer", [undefined, undefined]],
    ["times from a microsecond to an hour", [1e-6, 3600]],
    ["more calls than dots", calls(9).concat(calls(9), calls(9))],
  ] as const
) {
  test(`${what} can be drawn`, () => {
    const loads = [attack(trial([...times])), users(trial([...times]))];
    for (const chart of [callsInTime, percentileCurve, ratesInTime]) {
      const { html } = figure(chart(loads));
      assert.doesNotMatch(html, /NaN|Infinity|undefined/);
    }
  });
}

test("of many calls each is in a bin, the last and slowest too", () => {
  const times = Array.from(
    { length: 2100 },
    (_, id) => id < 2099 ? 0.005 : 0.5,
  );
  const { html } = figure(callsInTime([users(trial(times))]));
  const widths = 2;
  assert.equal(html.match(/<rect /g)?.length, widths * (60 + 1));
});
