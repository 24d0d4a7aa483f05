import assert from "node:assert/strict";
import test from "node:test";
import { ColumnsRow, startColumns } from "./columns.ts";
import { rememberOutcomes } from "./outcomes.ts";
import {
  randomNumbers,
  someRow,
} from "../../../scripts/dev/testing/processes.ts";

const random = randomNumbers();
const below = (most: number) => Math.floor(random() * most);

/** Of a run or of none, close to each other or far apart, and any other text. */
function someId(): string {
  const [run, number] = [["", "a-", "b-1-", "-"], [10, 2e6, 1e9, 1e12]]
    .map((values) => values[below(values.length)]!) as [string, number];
  const end = ["", "0", "x", "1.0", "__proto__"][below(40)] ?? "";
  return `${run}${end}${below(number)}`;
}

test("each id has the outcome that was said last, from columns or not", () => {
  for (let trial = 0; trial < 50; trial++) {
    const outcomes = rememberOutcomes();
    const expected = new Map<string, boolean>();
    const columns = startColumns();
    for (let call = 0; call < 400; call++) {
      const row = someRow({ id: someId() });
      columns.set(0, row);
      const given = random() < 0.5 ? row : new ColumnsRow(columns, 0);
      assert.equal(outcomes.find(given), expected.get(row.id), row.id);
      const succeeded = random() < 0.5;
      outcomes.set(succeeded);
      expected.set(row.id, succeeded);
    }
  }
});
