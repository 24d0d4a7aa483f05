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

test("numbers and times are what JavaScript reads, however they are written", () => {
  const random = randomNumbers();
  const pick = (...values: string[]) =>
    values[Math.floor(random() * values.length)]!;
  const edit = (cell: string) => {
    const at = Math.floor(random() * (cell.length + 1));
    const rest = cell.slice(at + Math.floor(2 * random()));
    return pick(cell, cell.slice(0, at) + pick(..."059.-+eTZ: ", "") + rest);
  };
  const number = (cell: string) =>
    cell === "" || cell === "-" ? undefined : Number(cell.trim() || NaN);
  for (let trial = 0; trial < 100; trial++) {
    const cells = Array.from({ length: 100 }, () => {
      const minute = pick("2024-02-29T23:59", "2024-02-29T24:00");
      const second = pick("00.000Z", "00.002Z", "59.999Z", "60.000Z");
      return [
        edit(edit(`${minute}:${second}`)),
        edit(edit(pick("200", "0", "", "9007199254740993"))),
        edit(edit(pick("0.042390", "12.5", "", "9007199254.740993"))),
      ] as const;
    });
    const lines = cells.map(([timestamp, status, elapsed]) => {
      const [, url, , , ...others] = good.split(",");
      return [timestamp, url, status, elapsed, ...others].join();
    });
    const expected = cells.map(([timestamp, status, elapsed]) => [
      new Date(timestamp),
      number(status),
      number(elapsed),
    ]);
    const isRead = (values: typeof expected[number]) =>
      values.every((value) => Number.isFinite(value?.valueOf() ?? 0));
    const { rows, problems } = parseRows(file(...lines));
    assert.deepEqual(
      rows.map((
        { timestamp, status, elapsed },
      ) => [timestamp, status, elapsed]),
      expected.filter(isRead),
    );
    assert.deepEqual(
      problems.map(({ line }) => line),
      expected.flatMap((values, index) => isRead(values) ? [] : [index + 2]),
    );
  }
});

test("lines with quotes and other columns give the same rows", () => {
  const random = randomNumbers();
  const texts = ["", "=1", "'=1", "''=1", "'", "é", "a long text", " ", "1"];
  for (let trial = 0; trial < 200; trial++) {
    const lines = Array.from({ length: 30 }, () => {
      const cells = formatRow({ ...awkwardRow(random), error: "" }).split(",");
      const [timestamp, , status, elapsed] = good.split(",");
      const text = () => texts[Math.floor(random() * texts.length)]!;
      return [
        timestamp,
        text(),
        status,
        elapsed,
        text(),
        text(),
        text(),
        text(),
      ]
        .concat(cells.slice(-5));
    });
    const plain = file(...lines.map((cells) => cells.join()));
    const quoted = file(...lines.map((cells) => `"${cells.join('","')}"`));
    const turned = [header.split(","), ...lines]
      .map((cells) => ["more", ...cells].reverse().join() + "\r\n").join("");
    const expected = parseRows(plain);
    assert.equal(expected.rows.length, 30);
    expected.rows.forEach(({ url, error }, index) => {
      const parse = (cell?: string) => cell?.replace(/^'(?=[='])/, "");
      assert.equal(url, parse(lines[index]![1]));
      assert.equal(error, parse(lines[index]![4]));
    });
    assert.deepEqual(parseRows(quoted), expected);
    assert.deepEqual(parseRows(turned), expected);
  }
});
