import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { ColumnsRows } from "./columns.ts";
import { eachRow } from "./read_rows.ts";
import { copyRow, parseEach, parseRows } from "./parse_rows.ts";
import { formatRow, header, type Row } from "../../../lib/row.ts";
import {
  randomNumbers,
  someRow,
  temporaryFolder,
} from "../../../scripts/dev/testing/processes.ts";

const file = path.join(temporaryFolder(), "metrics_a.csv");

/** A CSV of `count` rows, every tenth of which can't be read. */
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
    for (let trial = 0; trial < 20; trial++) {
      const rows: Row[] = [];
      const parsing = parseEach((row) => rows.push(row));
      for (let at = 0; at < csv.length;) {
        const next = at + Math.ceil(random() * 400);
        parsing.add(csv.slice(at, next));
        at = next;
      }
      assert.deepEqual({ rows, problems: parsing.end() }, parseRows(csv));
    }
  }
});

test("a file of several chunks is read as one text would be", () => {
  const csv = csvOf(20_000) + "torn";
  assert.ok(csv.length > 2 ** 21);
  fs.writeFileSync(file, csv);
  assert.deepEqual(readRows(file), parseRows(csv));
});

test("a file with too many rows is refused with their number", () => {
  fs.writeFileSync(file, csvOf(2000));
  assert.equal(readRows(file, 2000).rows.length, 1800);
  const { rows, problems } = readRows(file, 1999);
  assert.deepEqual(rows, []);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.message, /^has 2,000 rows, .* 1,999 are too many/);
});

const five = "timestamp,url,status,elapsed,error";
const at = (second: number, rest: string) =>
  `2025-04-01T12:00:0${second},http://a/,${rest}`;
const failed = `"('Connection aborted.',\nOSError(""x,\n\n y""))"`;
const [one, two, three] = ["1", "2", "3"].map((id) =>
  formatRow(someRow({ id }))
) as [string, string, string];
const inMany = two.split(",")
  .with(2, "").with(4, '"other: a,\n""b""\nc"').join();
const lines = (...all: string[]) => [...all, ""].join("\n");
const attack = (second: number, id: number) =>
  `${1_743_510_890 + second}000000000,200,1000000,0,3,,,load,${id},GET,,`;

interface Read {
  /** As `id: status error`, with the run's place in the file if not the first. */
  rows: string[];
  /** As `line: what is wrong`. */
  problems?: RegExp[];
  /** How many rows were lost. */
  unread?: number;
}

const files: Record<string, [csv: string, expected: Read]> = {
  "None as the status of failed calls": [
    lines(five, at(1, "200,0.1,"), at(2, "None,0.1,refused")),
    { rows: ["1: 200 ", "2: - other: refused"] },
  ],
  "nan, NaN, null and - as what was not measured": [
    lines(
      five,
      at(1, "nan,0.1,a"),
      at(2, "NaN,null,a"),
      at(3, "null,-,a"),
      at(4, "-,nan,a"),
      at(5, "200,0.1,None"),
    ),
    { rows: [1, 2, 3, 4].map((id) => `${id}: - other: a`).concat("5: 200 ") },
  ],
  "None as a time": [
    lines(five, at(1, "200,0.1,"), "None,http://a/,,1,a"),
    {
      rows: ["1: 200 "],
      problems: [/^3: timestamp can't be "None"/],
      unread: 1,
    },
  ],
  "line breaks in a quoted error": [
    lines(five, at(1, `,0.1,${failed}`), at(2, "200,0.1,"))
      .replaceAll("\n", "\r\n"),
    {
      rows: [
        `1: - reset: ('Connection aborted.', OSError("x,   y"))`,
        "5: 200 ",
      ],
    },
  ],
  "lines of ours that can't be read": [
    lines(
      ...[header, one, "a,b", "", one.replace("200", "OK")],
      ...[one.replace(/^[^,]+/, "noon"), two],
    ),
    {
      rows: ["1: 200 ", "2: 200 "],
      problems: [
        ...[/^3: has 2 cells where .* 13; /, /^4: has 0 cells/],
        ...[/^5: status can't be "OK"/, /^6: timestamp can't be "noon"/],
      ],
      unread: 3,
    },
  ],
  "line breaks in our columns": [
    lines(header, one, inMany, three),
    { rows: ["1: 200 ", '2: - other: a, "b" c', "3: 200 "] },
  ],
  "a line that is torn in a quote, and others behind it": [
    lines(
      five,
      at(1, `,0.1,"Max retries`),
      at(2, "200,0.1,"),
      at(3, `,0.1,${failed}`),
      at(4, `,0.1,"Max`),
      at(5, `,0.1,"a\nb"`),
    ),
    {
      rows: [
        "2: 200 ",
        `3: - reset: ('Connection aborted.', OSError("x,   y"))`,
        "8: - other: a b",
      ],
      problems: [/^2: a quote is not closed/, /^8: a quote is not closed/],
      unread: 2,
    },
  ],
  "a torn line of ours, and others behind it": [
    lines(header, inMany.split("\n")[0] + ",torn", one, inMany, three),
    {
      rows: ["1: 200 ", '2: - other: a, "b" c', "3: 200 "],
      problems: [/^2: a quote is not closed/],
      unread: 1,
    },
  ],
  "a quote that nothing closes": [
    lines(five, at(1, "200,0.1,"), at(2, `,0.1,"a`), "b", "c"),
    { rows: ["1: 200 "], problems: [/^3: a quote is not closed/], unread: 1 },
  ],
  "a quote that a thousand lines don't close": [
    lines(five, at(1, `,0.1,"a`), "b\n".repeat(1001) + at(2, "200,0.1,")),
    {
      rows: ["1003: 200 "],
      problems: [/^2: a quote/, ...Array(2).fill(/has 1 cells/)],
      unread: 3,
    },
  ],
  "CR alone": [
    lines(five, at(1, "200,0.1,"), at(2, `,0.1,"a\nb"`))
      .replaceAll("\n", "\r"),
    { rows: ["1: 200 ", "2: - other: a b"] },
  ],
  "a CR among lines that end in LF": [
    lines(header, one, `${two}\r${three}`),
    { rows: ["1: 200 ", "2: 200 ", "3: 200 "] },
  ],
  "CR alone, and a torn last line": [
    [five, at(1, "200,0.1,"), at(2, "200")].join("\r"),
    { rows: ["1: 200 "], problems: [/^3: the last line is torn/], unread: 1 },
  ],
  "CRs as Python writes them into a text on Windows": [
    lines(five, at(1, "200,0.1,"), at(2, "200,0.1,"))
      .replaceAll("\n", "\r\r\n"),
    { rows: ["1: 200 ", "2: 200 "] },
  ],
  "empty lines, in which nothing is lost": [
    lines(five, at(1, "200,0.1,"), "", at(2, "200,0.1,"), ""),
    { rows: ["1: 200 ", "3: 200 "], problems: [/^3: has 0/, /^5: has 0/] },
  ],
  "several files of five columns, one behind the other": [
    lines(
      ...[five, at(1, "200,0.1,")],
      ...["\ufeff" + five, at(1, "200,0.1,"), at(2, "200,0.1,")],
      ...["error,url,status,elapsed,timestamp", "a,,,1,2025-04-01T12:00:05"],
    ),
    {
      rows: [
        "1: 200 ",
        "run 2, 1: 200 ",
        "run 2, 2: 200 ",
        "run 3, 1: - other: a",
      ],
    },
  ],
  "a file that is torn in a quote, and another one behind it": [
    lines(five, at(1, `,0.1,"tor`), five, at(2, "200,0.1,"), at(3, "200,0.1,")),
    {
      rows: ["1: 200 ", "2: 200 "],
      problems: [/^2: a quote is not closed/],
      unread: 1,
    },
  ],
  "several files of ours, one behind the other": [
    lines(header, one, header, two) + lines("more," + header, "x," + three) +
    lines(header, one),
    { rows: ["1: 200 ", "2: 200 ", "3: 200 ", "1: 200 "] },
  ],
  "one of ours behind one of five columns": [
    lines(five, at(1, "200,0.1,"), header, two),
    { rows: ["1: 200 ", "run 2, 2: 200 "] },
  ],
  "two attacks of vegeta, one behind the other": [
    lines(attack(1, 0), attack(2, 1), attack(5, 0), attack(6, 1)),
    {
      rows: ["0: 200 ", "1: 200 ", "0: 200 ", "1: 200 "],
      problems: [/^3: call 0 comes a second time: are there two attacks/],
    },
  ],
};

function described(rows: Row[]): string[] {
  const runs = [...new Set(rows.map(({ run }) => run))];
  return rows.map(({ run, id, status = "-", error }) => {
    const place = runs.indexOf(run) + 1;
    return `${place > 1 ? `run ${place}, ` : ""}${id}: ${status} ${error}`;
  });
}

for (const [what, [csv, expected]] of Object.entries(files)) {
  test(`${what}: rows and problems are as they should be`, () => {
    fs.writeFileSync(file, csv);
    const given = [0, 0].map((): Row[] => []) as [Row[], Row[]];
    const lost = [0, 0];
    const problems = [
      eachRow(file, (row) => given[0].push(copyRow(row)), undefined, () => {
        lost[0]!++;
      }),
    ];
    const parsing = parseEach((row) => given[1].push(row), file, () => {
      lost[1]!++;
    });
    for (const piece of csv.match(/[^]{1,7}/gu)!) parsing.add(piece);
    problems.push(parsing.end());
    const { rows, problems: patterns = [], unread = 0 } = expected;
    for (const [index, found] of problems.entries()) {
      assert.deepEqual(described(given[index]!), rows);
      const texts = found.map(({ line, message }) => `${line}: ${message}`);
      assert.equal(texts.length, patterns.length, texts.join("\n"));
      texts.forEach((text, at) => assert.match(text, patterns[at]!));
      assert.equal(lost[index], unread);
    }
    assert.deepEqual(given[0], given[1]);
  });
}
