/** Helpers for tests of trials. */
import fs from "node:fs";
import { resultFiles } from "../../../lib/results.ts";
import type { Run } from "../../../notebooks/kit/trials/details.ts";
import { formatRow, header, type Row } from "../../../lib/row.ts";
import { someRow, summarize } from "./processes.ts";
import type { Trial } from "../../../notebooks/kit/trials/trials.ts";

export const start = Date.parse("2024-05-06T07:08:09.000Z");
export const stall = "http://127.0.0.1:8080/stall";

/** A trial with ten calls a second that take these seconds. */
export function trial(
  times: (number | undefined)[],
  given: Partial<Row> = {},
): Trial & { rows: Row[] } {
  const rows = times.map((elapsed, index) =>
    someRow({
      url: stall,
      id: String(index + 1),
      timestamp: new Date(start + index * 100),
      elapsed,
      ...given,
    })
  );
  return { rows, summary: summarize(rows) };
}

/** A run that was not interrupted. */
export function someRun(given: Partial<Run> = {}): Run {
  return {
    run: "run-1",
    name: "attack",
    command: "scripts/attack.ts",
    options: {},
    start: new Date(start).toISOString(),
    end: new Date(start + 1e5).toISOString(),
    concurrency: null,
    unique: true,
    environment: {},
    ...given,
  };
}

/** Writes the CSV and the JSON of a name. */
export function writeTrials(
  folder: string,
  name: string,
  trials: { run: Run; rows: Row[] }[],
) {
  const { csv, json } = resultFiles(folder, name);
  const lines = trials.flatMap(({ rows }) => rows.map(formatRow));
  fs.writeFileSync(csv, [header, ...lines, ""].join("\n"));
  const runs = trials.map(({ run }) => run);
  fs.writeFileSync(json, JSON.stringify({ runs }));
}
