import assert from "node:assert/strict";
import test from "node:test";
import { formatRow, header } from "../../../lib/row.ts";
import {
  randomNumbers,
  someRow,
} from "../../../scripts/dev/testing/processes.ts";
import { parseRows } from "./parse_rows.ts";

const file = (...lines: string[]) => [header, ...lines].join("\n") + "\n";
const good = formatRow(someRow());

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
  for (let trial = 0; trial < 50; trial++) {
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
      rows.map((row) => [row.timestamp, row.status, row.elapsed]),
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
  for (let trial = 0; trial < 100; trial++) {
    const lines = Array.from({ length: 30 }, () => {
      const [timestamp, , status, elapsed] = good.split(",");
      const text = () => texts[Math.floor(random() * texts.length)]!;
      const others = [text(), text(), text(), text()];
      const seconds = [random(), random(), random()].map((it) => it.toFixed(6));
      const bytes = [String(Math.floor(1e6 * random())), ""];
      return [timestamp, text(), status, elapsed]
        .concat(others, seconds, bytes);
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
