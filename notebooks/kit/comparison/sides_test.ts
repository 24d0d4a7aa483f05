import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { header, type Row } from "../../../lib/row.ts";
import { temporaryFolder } from "../../../scripts/dev/testing/processes.ts";
import { compareSides, readSides } from "./sides.ts";
import { formatComparisons, toJson } from "./comparison_table.ts";
import {
  rowsOf,
  writeResults,
} from "../../../scripts/dev/testing/example_sides.ts";

const folder = temporaryFolder();
const write = (name: string, rows: Row[], details = true) =>
  writeResults(path.join(folder, `${name}.csv`), rows, details);

/** What is said of each figure of the second side. */
function verdicts(...args: string[]) {
  const [comparison] = toJson(compareSides(readSides(args).sides));
  const { figures, cautions } = comparison!;
  return {
    verdicts: Object.values(figures).map(({ verdict }) => verdict),
    figures,
    cautions,
  };
}

const fast = write("fast", rowsOf("fast", 6));
const slow = write("slow", rowsOf("slow", 6, { elapsed: 0.2 }));
const noDifference = Array(6).fill("no difference shown");

test("a slower side is slower by every time, and succeeds as often", () => {
  const { verdicts: found, figures } = verdicts(fast, slow);
  const slower = Array(5).fill("slower");
  assert.deepEqual(found, [...slower, "no difference shown"]);
  const { difference, ratio } = figures.p50!;
  assert.ok(difference!.low! < 0.145 && difference!.high! > 0.145);
  assert.ok(ratio!.low! > 2 && ratio!.high! < 3.5);
  assert.deepEqual(
    verdicts(slow, fast).verdicts.slice(0, 5),
    Array(5).fill("faster"),
  );
});

test("the names in one file are its sides, or those that are picked", () => {
  const rows = ["a", "b", "c"].flatMap((name) => rowsOf(name, 4));
  const file = write("all", rows);
  const labels = (...args: string[]) =>
    readSides(args).sides.map(({ label }) => label);
  assert.deepEqual(labels(file), ["a", "b", "c"]);
  assert.deepEqual(labels(`${file}#c`, `${file}#a,b`), ["c", "a,b"]);
  const { sides } = readSides([`${file}#a-0,a-1`, `${file}#a-2`]);
  assert.deepEqual(sides.map(({ trials }) => trials.length), [2, 1]);
  const odd = write("odd#1", rowsOf("odd", 4));
  assert.equal(readSides([odd, `${odd}#odd`]).sides.length, 2);
});

test("a single trial can't show anything, but its calls have a spread", () => {
  const one = write("one", rowsOf("one", 50, { run: "one-0", elapsed: 0.2 }));
  const { verdicts: found, figures } = verdicts(fast, one);
  assert.deepEqual(found, Array(6).fill("not enough data"));
  assert.equal(figures.p50!.moreTrials, 3);
  for (const side of [figures.p50!.b, verdicts(one, fast).figures.p50!.a]) {
    assert.ok(Math.abs(side!.low! - 0.2) < 1e-3);
  }
  const text = formatComparisons(compareSides(readSides([fast, one]).sides));
  assert.match(text, /not enough data: 3 more trials of$.*^ +one$/ms);
  assert.match(text, /interval of a single trial/);
});

test("a file compared with itself gets a caution, and shows no difference", () => {
  const { verdicts: found, cautions } = verdicts(fast, fast);
  assert.deepEqual(found, noDifference);
  assert.match(cautions[0]!, /are the same runs$/);
});

test("where all calls of a side failed, no time is compared", () => {
  const failed = rowsOf("failed", 6, {
    status: undefined,
    error: "refused: x",
  });
  const { verdicts: found, figures } = verdicts(fast, write("failed", failed));
  const times = Array(4).fill("not comparable");
  assert.deepEqual(found, [...times, "slower", "fewer succeed"]);
  assert.equal(figures.p50!.b, undefined);
  assert.equal(figures.success!.ratio, undefined);
});

/** A file of a hundred rows, of which `count` can't be read. */
function writeUnread(name: string, count: number): string {
  const file = write(name, rowsOf(name, 5));
  const lines = fs.readFileSync(file, "utf8").split("\n").map((line, at) =>
    at > 0 && at <= count ? line.replace(/,200,[\d.]+,/, ",OK,0.1,") : line
  );
  fs.writeFileSync(file, lines.join("\n"));
  return file;
}

test("unreadable rows get a caution, and more than 1 % of them allow no claim", () => {
  const [one, two] = [1, 2].map((count) => writeUnread(`not-${count}`, count));
  const { sides, problems } = readSides([fast, one!]);
  assert.match(problems[0]!, /not-1\.csv:2: status can't be "OK"/);
  assert.equal(sides[1]!.trials.length, 5);
  const few = verdicts(fast, one!);
  assert.ok(!few.verdicts.includes("not comparable"));
  assert.match(few.cautions.join(), /1 of 100 rows of not-1 can't be read/);
  for (const args of [[fast, two!], [two!, fast]]) {
    const many = verdicts(...args);
    assert.deepEqual(many.verdicts, Array(6).fill("not comparable"));
    assert.match(many.cautions.join(), /2 of 100 rows of not-2 can't be read/);
    assert.equal(many.figures.p50!.ratio, undefined);
    const text = formatComparisons(compareSides(readSides(args).sides));
    assert.match(text, /^p50 .* not comparable$/m);
  }
});

test("what can't be compared is named, and so is what there is", () => {
  const cases: [text: string, message: RegExp][] = [
    ["", /:1: the file is empty/],
    [header + "\n", /has no row to compare/],
    ["a,b\n1,2\n", /:1: this is not the header/],
  ];
  for (const [text, message] of cases) {
    const file = path.join(folder, "bad.csv");
    fs.writeFileSync(file, text);
    assert.throws(() => readSides([fast, file]), { name: "Failure", message });
  }
  assert.throws(() => readSides([fast, "none.csv"]), /none\.csv: there is no/);
  assert.throws(() => readSides([`${fast}#x`, slow]), /no run x; .* fast-5$/);
  assert.throws(() => readSides([fast]), /nothing to compare fast with/);
});

test("what a terminal would obey is not printed", () => {
  const evil = write("evil", rowsOf("\x1b[31mevil", 4));
  const text = formatComparisons(compareSides(readSides([fast, evil]).sides));
  assert.ok(!text.includes("\x1b") && text.includes("[31mevil (4)"));
});

test("a difference of shares is in points", () => {
  const half = rowsOf("half", 6).map((row) =>
    Number(row.id) % 2 ? { ...row, status: 500 } : row
  );
  const { sides } = readSides([fast, write("half", half)]);
  const text = formatComparisons(compareSides(sides));
  assert.match(
    text,
    /^success .* -50\.0 points .* -50\.0 % .* fewer succeed$/m,
  );
});

test("three sides are compared with the first, and need to show more", () => {
  const middle = write("middle", rowsOf("middle", 6));
  const { sides } = readSides([fast, middle, slow]);
  const found = toJson(compareSides(sides));
  assert.deepEqual(found.map(({ b }) => b.label), ["middle", "slow"]);
  assert.equal(found[1]!.figures.p50!.verdict, "slower");
  const text = formatComparisons(compareSides(sides));
  assert.match(text, /A verdict asks for 99\.6 %,\nso that all 12 hold/);
});

test("four trials a side are enough for two sides, and not for three", () => {
  const [a, b, c] = ["p", "q", "r"].map((name, index) =>
    write(name, rowsOf(name, 4, { elapsed: 0.1 * (index + 1) }))
  ) as [string, string, string];
  assert.equal(verdicts(a, b).figures.p50!.verdict, "slower");
  const { verdict, moreTrials } = verdicts(a, b, c).figures.p50!;
  assert.deepEqual([verdict, moreTrials], ["not enough data", 1]);
});
