import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { ColumnsRows } from "./columns.ts";
import { eachRow } from "./read_rows.ts";
import { copyRow, parseRows } from "./parse_rows.ts";
import { formatRow, header, type Row } from "../../../lib/row.ts";
import {
  randomNumbers,
  temporaryFolder,
} from "../../../scripts/dev/testing/processes.ts";

const random = randomNumbers();
const pick = <T>(...values: T[]) =>
  values[Math.floor(random() * values.length)]!;
const below = (most: number) => Math.floor(random() * most);
const file = path.join(temporaryFolder(), "metrics_a.csv");

/** A row such as scripts write, of which nearly all are read as they stand. */
function usualRow(index: number): Row {
  const id = pick(index, index, below(20), 10 ** below(11), 2 ** 32 - 1);
  const [run, name] = [pick("a1", "a1", "b-2"), pick("sync", "sync", "x")];
  const seconds = () => pick(undefined, random(), 5000 * random(), 0, 1e-6);
  const whole = () => pick(undefined, 0, 200, 254, 255, 256, below(2 ** 33));
  return {
    timestamp: new Date(1.7e12 + pick(index * 10, below(1e6), below(1e9))),
    url: pick(
      `http://127.0.0.1:8080/?id=${id}`,
      `http://127.0.0.1:8080/?id=${id}`,
      `http://a${id}/${id}?x=1`,
      "http://a/?b=é",
      "http://a/,;=1",
    ),
    status: whole(),
    elapsed: seconds(),
    error: pick("", "", "", "timeout: 30 s", "'=1", 'other: "a"'),
    name,
    run,
    id: pick(`${id}`, `${id}`, `${run}-${id}`, `0${id}`, `${id}a`, "", "-1"),
    wait: seconds(),
    ttfb: seconds(),
    server: seconds(),
    bytes_out: whole(),
    bytes_in: whole(),
  };
}

/** What an editor, a killed process or another tool may have made of a line. */
function damaged(line: string): string {
  const at = below(line.length + 1);
  const rest = line.slice(at + pick(0, 1, 1, 30));
  return line.slice(0, at) +
    pick("", "", ",", ".", "0", "9", "-", " ", "'", '"', "\r", "\n", "é") +
    pick("", "", "", '"\n', "\n\n", "\r\r\n", ",nan,", header, "\n" + header) +
    rest;
}

/** Reads a file by its bytes, and its text as a whole; keeps some of its rows. */
function assertReadAlike(csv: string, isKept = (_index: number) => true) {
  fs.writeFileSync(file, csv);
  const kept = new ColumnsRows();
  const given: Row[] = [];
  const problems = eachRow(file, (row) => {
    if (isKept(given.length)) kept.push(row);
    given.push(copyRow(row));
  });
  assert.deepEqual({ rows: given, problems }, parseRows(csv));
  const expected = given.filter((_, index) => isKept(index));
  assert.deepEqual(kept.map(copyRow), expected);
  assert.deepEqual([...kept].map(copyRow), expected);
  assert.equal(kept.length, expected.length);
  const place = below(kept.length);
  for (const at of [place, -1 - place]) {
    assert.deepEqual(kept.at(at) && copyRow(kept.at(at)!), expected.at(at));
  }
  assert.equal(kept.at(kept.length), undefined);
}

const linesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => formatRow(usualRow(index)));

test("lines are read as they would be as texts", () => {
  for (let trial = 0; trial < 100; trial++) {
    assertReadAlike([header, ...linesOf(below(60)), ""].join("\n"));
  }
});

test("so are those that somebody has damaged", () => {
  for (let trial = 0; trial < 300; trial++) {
    const lines = linesOf(20).map((line) =>
      random() < 0.5 ? line : damaged(line)
    );
    const csv = [header, ...lines].join(pick("\n", "\n", "\r\n", "\r"));
    assertReadAlike(csv + pick("", "\n", "torn"));
  }
});

test("rows that are not kept take no others with them", () => {
  for (let trial = 0; trial < 20; trial++) {
    const csv = [header, ...linesOf(400), ""].join("\n");
    const [every, from] = [1 + below(4), below(500)];
    assertReadAlike(csv, (index) => index % every === 0 && index < from);
  }
});

test("columns grow to any length, and to any number", () => {
  assertReadAlike([header, ...linesOf(10_000), ""].join("\n"));
});
