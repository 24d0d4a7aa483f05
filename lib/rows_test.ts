import assert from "node:assert/strict";
import test from "node:test";
import { csvParseRows } from "d3-dsv";
import { formatRow, header, parseRows, type Row } from "./rows.ts";
import { randomNumbers, someRow } from "./testing.ts";

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

test("any row can be read again, its line breaks as spaces", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 2000; trial++) {
    const row = awkwardRow(random);
    const line = formatRow(row);
    assert.doesNotMatch(line, /[\r\n]/);
    const expected = Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(/[\r\n]+/g, " ") : value,
    ]);
    assert.deepEqual(parseRows(file(line)), {
      rows: [Object.fromEntries(expected)],
      problems: [],
    });
  }
});

test("no cell starts like a formula", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 2000; trial++) {
    for (const cell of csvParseRows(formatRow(awkwardRow(random)))[0] ?? []) {
      assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
    }
  }
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

test("columns are found by name, wherever they are", () => {
  const swap = (line: string) => "more," + line.split(",").reverse().join(",");
  const { rows, problems } = parseRows(swap(header) + "\n" + swap(good) + "\n");
  assert.deepEqual([rows, problems], [[someRow()], []]);
});

test("a file with a byte order mark and CRLF is read as well", () => {
  const text = "\ufeff" + file(good).replaceAll("\n", "\r\n");
  assert.deepEqual(parseRows(text), { rows: [someRow()], problems: [] });
});

const wrong: [string, string, number, RegExp][] = [
  ["an empty file", "", 1, /empty/],
  ["a wrong header", "a,b\n1,2\n", 1, /not the header.*a,b/],
  [
    "a missing column",
    file(good).replace(",wait", ""),
    1,
    /no column wait/,
  ],
  ["a torn last line", file(good, good).slice(0, -9), 3, /torn/],
  ["a wrong number of cells", file(good, "a,b", good), 3, /2 cells.*13/],
  ["an empty line", file(good, "", good), 3, /cells/],
  [
    "a number that is none",
    file(good, good.replace("200", "OK")),
    3,
    /status can't be "OK"/,
  ],
  [
    "a time that is none",
    file(good, good.replace(/^[^,]+/, "noon")),
    3,
    /timestamp can't be "noon"/,
  ],
];

for (const [what, csv, line, message] of wrong) {
  test(`${what} is reported with its line, and the rest is read`, () => {
    const { rows, problems } = parseRows(csv);
    assert.deepEqual(problems.map((problem) => problem.line), [line]);
    assert.match(problems[0]!.message, message);
    const others = csv.split("\n").filter((text) => text === good).length;
    assert.equal(rows.length, line === 1 ? 0 : others);
  });
}

test("a line that is torn inside quotes takes no other line with it", () => {
  const quoted = formatRow(someRow({ url: 'http://a/?"b",c' }));
  for (let length = 0; length <= quoted.lastIndexOf(","); length++) {
    const torn = quoted.slice(0, length);
    const { rows } = parseRows(file(good, torn, good, quoted));
    assert.equal(rows.length, 3, `torn after ${torn}`);
  }
});
