/** Why nothing is claimed: of rows that are lost, or of calls that fail. */
import { mean, sum } from "d3-array";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import { formatShare } from "./figures.ts";
import { differenceOf } from "./interval.ts";
import type { Comparison } from "./verdict.ts";
import type { Side } from "./steadiness.ts";

/** The share of rows that may be unreadable: these are mostly failures. */
const MOST_UNREAD = 0.01;

const REASONS_SHOWN = 3;

/** Why nothing is claimed of success or time; undefined if nothing forbids it. */
export function whyNoClaim(sides: Side[]): string | undefined {
  const reasons = sides.flatMap((side) => {
    const isMost = unread(side) > MOST_UNREAD * (unread(side) + read(side));
    return (isMost ? unreadRows(side) : undefined) ?? severalRuns(side) ?? [];
  });
  if (reasons.length === 0) return undefined;
  const more = reasons.length - REASONS_SHOWN;
  return reasons.slice(0, REASONS_SHOWN).join("; ") +
    (more > 0 ? `; and ${more} more such` : "");
}

/** As in `3 of 1,000 rows of sync can't be read`; undefined if all can be. */
export function unreadRows(side: Side): string | undefined {
  const count = unread(side);
  if (count === 0) return undefined;
  const [some, all] = [count, count + read(side)]
    .map((rows) => rows.toLocaleString("en-US"));
  return `${some} of ${all} rows of ${side.label} can't be read`;
}

/** Two runs that a file doesn't tell apart have no common rate. */
export function severalRuns({ label, trials }: Side): string | undefined {
  const [gap] = trials.flatMap(({ summary }) => summary.gap ?? []);
  if (gap === undefined) return undefined;
  return `there are ${formatSpan(gap)} between two calls of ${label}, longer ` +
    "than all the rest: are these two runs in one file?";
}

function unread({ trials }: Side): number {
  return sum(trials, ({ summary }) => summary.unread ?? 0);
}

function read({ trials }: Side): number {
  return sum(
    trials,
    ({ summary }) => summary.attempts + (summary.duplicates ?? 0),
  );
}

/** The same of a time that may be long: 3480 is `58.0 min`. */
function formatSpan(seconds: number): string {
  return seconds < 120
    ? formatSeconds(seconds)
    : `${formatNumber(seconds / 60)} min`;
}

/**
 * Why `one` can't be called faster than `other`: a smaller share of its calls
 * succeeds, as the 95 % interval of the difference shows, and a failure may be
 * fast. Undefined where that isn't shown.
 */
export function whyNotFaster(one: Side, other: Side): string | undefined {
  const [ofOne, ofOther] = [one, other].map(({ trials }) =>
    trials.map(({ summary }) => summary.success)
  );
  const { high = 0 } = differenceOf(ofOther!, ofOne!);
  if (high >= 0) return undefined;
  return `fewer calls of ${one.label} succeed (${formatShare(mean(ofOne!))}) ` +
    `than of ${other.label} (${formatShare(mean(ofOther!))})`;
}

/**
 * The comparison of a time of two sides, but without a verdict that one is faster,
 * or no slower, although fewer of its calls succeed, or none.
 */
export function unlessFailing(
  found: Comparison,
  a: Side,
  b: Side,
): Comparison {
  const { verdict } = found;
  const none = [a, b].find(({ trials }) =>
    trials.every(({ summary }) => summary.ok === 0)
  );
  const because = none
    ? `no call of ${none.label} succeeded`
    : (verdict === "lower" ? undefined : whyNotFaster(a, b)) ??
      (verdict === "higher" ? undefined : whyNotFaster(b, a));
  if (!because) return found;
  return { a: found.a, b: found.b, verdict: "not enough data", because };
}
