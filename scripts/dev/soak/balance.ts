/** Whether every message was called, according to the rows. */
import { eachRow } from "../../../notebooks/kit/rows/mod.ts";
import { resultFiles } from "../../../lib/results.ts";
import type { Summary } from "../../../lib/summary.ts";
import { measuredNames } from "../../../notebooks/kit/trials/mod.ts";
import { names } from "./stage.ts";

export interface Balance {
  /** Messages whose call has a row, and those that have more than one. */
  called: number;
  duplicates: number;
  /** The first few messages without a row. */
  lost: number[];
  /** Rows of calls that failed. */
  failed: number;
}

const LOST_SHOWN = 10;

/** Counts the rows of a producer's messages, independently of the report. */
export function balance(
  out: string,
  { run, calls }: Pick<Summary, "run" | "calls">,
): Balance {
  const rows = new Uint8Array(calls + 1);
  let failed = 0;
  const consumers = measuredNames(out)
    .filter((name) => name.startsWith(names.consumers));
  for (const name of consumers) {
    eachRow(resultFiles(out, name).csv, ({ id, status }) => {
      if (!id.startsWith(`${run}-`)) return;
      rows[Number(id.slice(run.length + 1))]!++;
      if (status !== 200) failed++;
    });
  }
  const result: Balance = { called: 0, duplicates: 0, lost: [], failed };
  for (let number = 1; number <= calls; number++) {
    const count = rows[number]!;
    if (count > 0) result.called++;
    else if (result.lost.length < LOST_SHOWN) result.lost.push(number);
    if (count > 1) result.duplicates += count - 1;
  }
  return result;
}
