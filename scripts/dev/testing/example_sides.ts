/** Helpers for tests of comparisons. */
import fs from "node:fs";
import { someRun, start } from "./example_runs.ts";
import { formatRow, header, type Row } from "../../../lib/row.ts";
import { randomNumbers, someRow } from "./processes.ts";

const random = randomNumbers(1);

const CALLS = 20;

/** The rows of trials, which overlap those of other names. */
export function rowsOf(
  name: string,
  trials: number,
  given: Partial<Row> = {},
): Row[] {
  return Array.from({ length: trials * CALLS }, (_, index) => {
    const [trial, call] = [Math.floor(index / CALLS), index % CALLS];
    return someRow({
      timestamp: new Date(start + trial * 10_000 + call),
      name,
      run: `${name}-${trial}`,
      id: String(call),
      elapsed: 0.05 + 0.01 * random(),
      ...given,
    });
  });
}

/** Writes a CSV and, with `details`, the JSON beside it. */
export function writeResults(csv: string, rows: Row[], details = true): string {
  fs.writeFileSync(csv, [header, ...rows.map(formatRow), ""].join("\n"));
  const names = new Map(rows.map(({ run, name }) => [run, name]));
  const runs = [...names].map(([run, name]) =>
    someRun({ run, name, unique: undefined, calls: CALLS })
  );
  const json = csv.replace(".csv", ".json");
  if (details) fs.writeFileSync(json, JSON.stringify({ runs }));
  return csv;
}
