import assert from "node:assert/strict";
import test from "node:test";
import {
  randomNumbers,
  temporaryFolder,
} from "../../../scripts/dev/testing/processes.ts";
import { compareSides, readSides } from "./sides.ts";
import { formatComparisons, toJson } from "./comparison_table.ts";
import {
  rowsOf,
  writeResults,
} from "../../../scripts/dev/testing/example_sides.ts";

const random = randomNumbers();
const pick = <T>(...values: T[]) =>
  values[Math.floor(random() * values.length)]!;

/** A value of any size, or one that can't be. */
const someTime = () => pick(0, 0.01, random(), 10 ** (20 * random() - 6), -1);

let files = 0;
const folder = temporaryFolder();

/** A file with some trials of one name, of which some calls have other times. */
function someFile(name: string, trials: number, odd: () => number) {
  const rows = rowsOf(name, trials).map((row) =>
    random() < 0.1 ? { ...row, elapsed: odd(), wait: pick(0, odd()) } : row
  );
  return writeResults(`${folder}/${files++}.csv`, rows);
}

const names = [
  ...["a", "sixteen letters!", "a name of many words that says what it is"],
  ...["x".repeat(300), "漢字".repeat(60), "results/metrics_before.csv#sync"],
];

test("no line of a table is ever wider than 100 columns", () => {
  for (let round = 0; round < 60; round++) {
    const [a, b] = [someTime, () => 10].map((odd) =>
      someFile(pick(...names), pick(1, 2, 4, 6), odd)
    );
    const compared = compareSides(readSides([a!, b!]).sides);
    const [tables] = formatComparisons(compared).split("CAUTION: ");
    for (const line of tables!.split("\n")) {
      const wide = line.match(/[\u1100-\uffff]/g)?.length ?? 0;
      assert.ok(line.length + wide <= 100, line);
    }
    assert.doesNotMatch(tables!, /NaN|∞|undefined|\d{5}/);
  }
});

test("one timeout among 80 calls leaves open what nothing can say", () => {
  const before = writeResults(`${folder}/before.csv`, rowsOf("before", 4));
  const late = rowsOf("after", 4);
  Object.assign(late[70]!, { elapsed: 10, status: undefined });
  late[70]!.error = "timeout: incomplete after 10 s";
  const after = writeResults(`${folder}/after.csv`, late);
  const compared = compareSides(readSides([before, after]).sides);
  const text = formatComparisons(compared);
  assert.match(text, /^mean +\S+ ms +\S+ ms +- +-/m);
  assert.match(text, /\(too wide to say\) +\(too wide to say\)/);
  assert.match(text, /not enough data: more +trials than can be/s);
  const [{ figures }] = JSON.parse(JSON.stringify(toJson(compared)));
  assert.equal(figures.mean.ratio.isWide, true);
  assert.deepEqual(Object.keys(figures.mean.ratio), ["value", "isWide"]);
  assert.equal(figures.mean.moreTrials, null);
});
