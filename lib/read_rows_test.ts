import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { ColumnsRows } from "./columns.ts";
import { eachRow } from "./read_rows.ts";
import { copyRow, formatRow, header, parseRows, startParsing } from "./rows.ts";
import { randomNumbers, someRow, temporaryFolder } from "./testing.ts";

const file = path.join(temporaryFolder(), "metrics_a.csv");

/** A CSV of so many rows, every tenth of which can't be read. */
function csvOf(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const row = someRow({ id: String(index), error: `other: 漢字 "${index}"` });
    return index % 10 === 0 ? "bad" : formatRow(row);
  });
  return [header, ...lines, ""].join("\n");
}

function readRows(file: string, most?: number) {
  const kept = new ColumnsRows();
  const problems = eachRow(file, (row) => kept.push(row), most);
  return { rows: kept.map(copyRow), problems };
}

test("it makes no difference in which pieces a text comes", () => {
  const random = randomNumbers();
  for (const end of ["", "\r", "2024,torn", "\n"]) {
    const csv = "\ufeff" + csvOf(50).replaceAll("\n", "\r\n") + end;
    for (let trial = 0; trial < 50; trial++) {
      const parsing = startParsing();
      for (let at = 0; at < csv.length;) {
        const next = at + Math.ceil(random() * 400);
        parsing.add(csv.slice(at, next));
        at = next;
      }
      assert.deepEqual(parsing.end(), parseRows(csv));
    }
  }
});

test("a file of several chunks is read as one text would be", () => {
  const csv = csvOf(20_000) + "torn";
  assert.ok(csv.length > 2 ** 21);
  fs.writeFileSync(file, csv);
  assert.deepEqual(readRows(file), parseRows(csv));
});

test("a file with too many rows is said to have them, and not read", () => {
  fs.writeFileSync(file, csvOf(2000));
  assert.equal(readRows(file, 2000).rows.length, 1800);
  const { rows, problems } = readRows(file, 1999);
  assert.deepEqual(rows, []);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.message, /^has 2,000 rows, .* 1,999 are too many/);
});

test("a file that isn't there is an error", () => {
  assert.throws(() => readRows(path.join(file, "none")));
});
