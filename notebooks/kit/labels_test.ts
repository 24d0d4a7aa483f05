import assert from "node:assert/strict";
import test from "node:test";
import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
import { shortened, thinTicks, tickLabel, widthOf } from "./labels.ts";

test("the labels of an axis are as exact as its finest one, and short", () => {
  const labels = (all: number[]) =>
    all.map((value, index) => tickLabel(value, index, all));
  assert.deepEqual(labels([0, 0.05, 0.1]), ["0", "0.05", "0.10"]);
  assert.deepEqual(labels([0, 5000, 1e4]), ["0", "5,000", "10,000"]);
  assert.deepEqual(labels([0, 2e5]), ["0", "200K"]);
  assert.deepEqual(labels([5e5, 1e6, 2e9]), ["0.5M", "1.0M", "2,000.0M"]);
});

test("labels that would overlap are left out, at any width", () => {
  const { document } = new JSDOM("").window;
  const labelsAt = (width: number) => {
    const chart = Plot.plot({
      ...{ document, width },
      x: { domain: [0, 1e9], ticks: 20, tickFormat: String },
    });
    thinTicks(chart);
    const texts = [...chart.querySelectorAll("text")];
    return texts.map(({ textContent }) => textContent);
  };
  const [narrow, wide] = [labelsAt(300), labelsAt(1000)];
  assert.deepEqual(narrow, ["0", "350000000", "700000000"]);
  assert.ok(wide.length > narrow.length && wide.length < 20, wide.join());
});

test("a text is cut to its room, and ends with an ellipsis", () => {
  assert.equal(shortened("async", 100), "async");
  for (const sign of ["x", "W", "\u6f22", "\u{1f600}"]) {
    const cut = shortened(sign.repeat(10_000), 200);
    assert.match(cut, /[^\ud83d]\u2026$/);
    assert.ok(widthOf(cut) <= 200 && widthOf(cut) > 160, cut);
  }
});
