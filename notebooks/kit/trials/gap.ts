/** Whether the calls of one run may be those of two, put into one file. */
import { timeOf } from "../rows/mod.ts";
import type { Row } from "../../../lib/row.ts";

/** In seconds; rate limits make calls wait for some seconds too. */
const LEAST_SECONDS = 5;
/** A call alone before or behind a gap is no run. */
const LEAST_CALLS = 2;

/** A time without a call under way, in milliseconds since 1970. */
interface Gap {
  from: number;
  to: number;
  /** How many calls ended before it. */
  before: number;
}

/** The longest gap between the calls of a run, in any order. */
export function watchForGap() {
  let first = Infinity;
  let last = -Infinity;
  let rows = 0;
  let gap: Gap = { from: 0, to: 0, before: 0 };

  /** What is left of the gap, or what is there before or behind all others. */
  function withCall(sent: number, end: number) {
    const { from, to, before } = gap;
    if (end <= from) gap = { from, to, before: before + 1 };
    else if (sent < to) {
      gap = sent - from > to - end
        ? { from, to: sent, before }
        : { from: end, to, before: before + 1 };
    }
    const other = sent > last
      ? { from: last, to: sent, before: rows }
      : { from: end, to: first, before: 1 };
    if (lengthOf(other) > lengthOf(gap)) gap = other;
  }

  return {
    add(row: Row) {
      const sent = timeOf(row);
      const end = sent + 1000 * (row.elapsed ?? 0);
      if (rows > 0) withCall(sent, end);
      first = Math.min(first, sent);
      last = Math.max(last, end);
      rows++;
    },
    /** In seconds, if it is longer than all the rest. */
    end(): number | undefined {
      const length = lengthOf(gap);
      const isLong = length >= 1000 * LEAST_SECONDS &&
        length > last - first - length;
      const areRuns = Math.min(gap.before, rows - gap.before) >= LEAST_CALLS;
      return isLong && areRuns ? length / 1000 : undefined;
    },
  };
}

function lengthOf({ from, to }: Gap): number {
  return to - from;
}
