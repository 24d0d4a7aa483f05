/** How late an event loop came round, as a server wrote it down. */
import { existsSync, readFileSync } from "node:fs";
import { csvParse } from "d3-dsv";

/** A moment at which an event loop came round. */
export interface Lag {
  /** Seconds since 1970. */
  at: number;
  /** How many seconds later than due that was. */
  lag: number;
  /** Bytes of the process that were resident. */
  memory: number;
}

/** What can be used of a file; never throws. */
export function readLags(file: string): { lags: Lag[]; problems: string[] } {
  if (!existsSync(file)) {
    return { lags: [], problems: [`${file}: there is no such file`] };
  }
  const rows = csvParse(readFileSync(file, "utf8"), (row) => ({
    at: Date.parse(row.timestamp ?? "") / 1000,
    lag: Number(row.lag || NaN),
    memory: Number(row.memory || NaN),
  }));
  const lags = rows.filter(isUsable);
  const bad = rows.length - lags.length;
  // A server that is killed may be in the middle of its last line.
  const isTorn = bad === 1 && !isUsable(rows.at(-1)!);
  const problem = rows.length === 0
    ? `${file}:1: it has no lines`
    : `${file}: ${bad} of its ${rows.length} lines can't be read`;
  const isFine = rows.length > 0 && (bad === 0 || isTorn);
  return { lags, problems: isFine ? [] : [problem] };
}

function isUsable({ at, lag, memory }: Lag): boolean {
  return Number.isFinite(at) && lag >= 0 && memory >= 0;
}
