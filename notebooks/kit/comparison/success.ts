/** Which side can't be called faster, because more of its calls fail. */
import { mean } from "d3-array";
import { formatShare } from "./figures.ts";
import { differenceOf } from "./interval.ts";
import type { Side } from "./steadiness.ts";
import type { Comparison } from "./verdict.ts";

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
