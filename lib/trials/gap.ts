/** Whether the calls of one run may be those of two, put into one file. */
import { timeOf } from "../columns.ts";
import type { Row } from "../rows.ts";

/** Who limits a rate has calls wait for some seconds too. */
const LEAST_SECONDS = 5;
/** A call alone before or behind a gap is no run. */
const LEAST_CALLS = 2;

/** The longest time without a call under way, of rows in any order. */
export function watchForGap() {
  /** In milliseconds since 1970. */
  let first = Infinity;
  let last = -Infinity;
  let rows = 0;
  let gap = { from: 0, to: 0, before: 0 };
  return {
    add(row: Row) {
      const sent = timeOf(row);
      const end = sent + 1000 * (row.elapsed ?? 0);
      if (sent < gap.to && end > gap.from) gap = { from: 0, to: 0, before: 0 };
      const [from, to] = sent > last ? [last, sent] : [end, first];
      if (rows > 0 && to - from > gap.to - gap.from) {
        gap = { from, to, before: rows };
      }
      first = Math.min(first, sent);
      last = Math.max(last, end);
      rows++;
    },
    /** In seconds, if it is longer than all the rest. */
    end(): number | undefined {
      const milliseconds = gap.to - gap.from;
      const isLong = milliseconds >= 1000 * LEAST_SECONDS &&
        milliseconds > last - first - milliseconds;
      const areRuns = Math.min(gap.before, rows - gap.before) >= LEAST_CALLS;
      return isLong && areRuns ? milliseconds / 1000 : undefined;
    },
  };
}
