/**
 * What nothing can have measured is said, and is in no figure of the first chapter
 * nor of a comparison. scripts/dev/odd_results_test.ts looks at all chapters.
 */
import assert from "node:assert/strict";
import test from "node:test";
import {
  compareSides,
  readSides,
} from "../../notebooks/kit/comparison/sides.ts";
import { formatComparisons } from "../../notebooks/kit/comparison/comparison_table.ts";
import { render } from "./testing/pages.ts";
import { resultFiles } from "../../lib/results.ts";
import { temporaryFolder } from "./testing/processes.ts";
import { writeOdd } from "./testing/odd.ts";
import { impossible, onlyPossible } from "./testing/odd_cases.ts";
import threeStyles from "../../notebooks/three-styles.ts";

for (const [what, { says, ...odd }] of Object.entries(impossible)) {
  test(`${what}: chapter 1 and a comparison say so, and show no such figure`, () => {
    const results = temporaryFolder();
    writeOdd(results, odd);
    const { document, stderr } = render(threeStyles, results);
    onlyPossible(document);
    assert.equal(stderr === "", !says || /timed out/.test(String(says)));
    if (says) assert.match(document.querySelector("main")!.textContent!, says);

    const files = ["async", "sync", "async_rabbitmq"]
      .map((name) => resultFiles(results, name).csv);
    const { sides } = readSides(files);
    const text = formatComparisons(compareSides(sides));
    const [tables] = text.split("Means over the trials");
    assert.doesNotMatch(tables!, /[1-9]\d{6}|e\+|∞|NaN/);
    for (const line of tables!.split("\n")) {
      assert.ok(line.length <= 100, line);
    }
  });
}
