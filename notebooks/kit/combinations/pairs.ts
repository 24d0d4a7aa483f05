/** Compares all pairs of servers within each route. */
import { ascending, extent, greatest, max } from "d3-array";
import {
  compare,
  type Comparison,
  formatCount,
  formatTrials,
  MATTERS,
  TOO_WIDE,
  unlessFailing,
  whyNoClaim,
  withUnitOnce,
} from "../comparison/mod.ts";
import { capitalize } from "../numbers.ts";
import { apart, conclusion, mostApart } from "../claims.ts";
import type { Figure, Measure } from "./figures.ts";
import { type Combination, doubtOf } from "./combinations.ts";
import { impossible, leftOut } from "../left_out.ts";
import { percent, plusMinus, type Spread, spreadBy } from "../mean_interval.ts";

/** A server on a route, and a figure over its trials. */
interface Side extends Combination, Spread {}

export interface Pair {
  route: string;
  /** By their means. */
  low: Side;
  high: Side;
  found: Comparison;
}

/** The combinations that have the figure, from the least to the most. */
export function sidesOf(all: Combination[], { of }: Figure): Side[] {
  return all.flatMap((one) => {
    const found = spreadBy(one.trials, of);
    return found ? [{ ...one, ...found }] : [];
  }).sort((a, b) => ascending(a.value, b.value));
}

/** Those of which something can be claimed. */
function claimable(all: Combination[]): Combination[] {
  return all.filter((one) => !whyNoClaim([one]));
}

/** Compares them so strictly that all pairs together are right in 95 %. */
export function comparePairs(all: Combination[], measure: Measure): Pair[] {
  const sides = sidesOf(claimable(all), measure);
  const couples = sides.flatMap((low, index) =>
    sides.slice(index + 1)
      .filter(({ route }) => route === low.route)
      .map((high) => ({ route: low.route, low, high }))
  );
  return couples.map(({ route, low, high }) => {
    const found = compare(low.values, high.values, { pairs: couples.length });
    return {
      route,
      low,
      high,
      found: measure.isTime ? unlessFailing(found, low, high) : found,
    };
  });
}

/**
 * A chart's title: the widest difference that is shown, and how many are; the
 * servers are `things` of another kind, if not servers. Of `all` of them, some may
 * not have the figure.
 */
export function finding(
  pairs: Pair[],
  measure: Measure,
  all: Combination[],
  things = "servers",
): string {
  const { what } = measure;
  const failing = pairs.find(isFailing);
  pairs = pairs.filter((pair) => !isFailing(pair));
  const [first, second] = pairs;
  const left = leftOut(all, measure.of, impossible) +
    (failing && first ? `; ${failing.found.because}` : "");
  if (!first && failing) {
    return `No comparison of the ${things} in ${what}: ${failing.found.because}`;
  }
  if (!first) return `Nothing to compare the ${things} with in ${what}${left}`;
  const differing = pairs.filter(differs);
  const widest = greatest(
    differing,
    ({ found }) => found.ratio?.value ?? Infinity,
  );
  if (widest) {
    const differ = differing.length === 1 ? "differs" : "differ";
    return `On ${widest.route}, ${sayMore(widest, measure)}` +
      (second
        ? `; ${differing.length} of ${pairs.length} pairs ${differ}`
        : "") +
      inDoubt([widest], measure) + left;
  }
  if (!second) {
    const both = `${first.low.server} and ${first.high.server} in ${what} ` +
      `on ${first.route}`;
    return conclusion(first.found, both, () => "") + inDoubt(pairs, measure) +
      left;
  }
  const open = pairs.filter(isOpen);
  const says = open.length === 0
    ? `No difference shown between any two ${things} in ${what}` +
      `: ${atMost(pairs)} (95 %)`
    : open.length < pairs.length
    ? `No difference shown in ${what}; ${open.length} of ${pairs.length} ` +
      "pairs need more trials"
    : `Not enough data to compare the ${things} in ${what}` +
      `: ${moreTrials(open)}`;
  return says + inDoubt(pairs, measure) + left;
}

/** A route's servers in their order, and what is known of each two of them. */
export function ranking(
  route: string,
  all: Combination[],
  pairs: Pair[],
  measure: Measure,
): { order: string; verdicts: string[] } {
  const { format } = measure;
  const order = sidesOf(claimable(all), measure)
    .filter((side) => side.route === route)
    .map((side) => `${side.server} ${plusMinus(side, format)}`);
  const onRoute = pairs.filter((pair) => pair.route === route);
  const here = onRoute.filter((pair) => !isFailing(pair));
  const isTooEarly = here.length > 1 && here.every(isOpen);
  const both = ({ low, high }: Pair) => `${low.server} and ${high.server}`;
  const listed = (says: string, some: Pair[], text: (pair: Pair) => string) =>
    some.length > 0 ? [`${says}: ${some.map(text).join("; ")}.`] : [];
  return {
    order: `${capitalize(measure.what)}, from the least to the most: ${
      order.join(", ") || "nothing can be said"
    }.`,
    verdicts: [
      ...isTooEarly ? [`Not decided in any pair: ${moreTrials(here)}.`] : [],
      ...listed(
        "Larger than the noise",
        here.filter(differs),
        (pair) => sayMore(pair, measure),
      ),
      ...listed(
        `Shown to be alike, within ${100 * MATTERS} %`,
        here.filter(({ found }) => found.verdict === "no difference"),
        (pair) => `${both(pair)} (${atMost([pair])})`,
      ),
      ...listed(
        "Not decided",
        isTooEarly ? [] : here.filter(isOpen),
        (pair) => `${both(pair)} (${moreTrials([pair])})`,
      ),
      ...listed(
        "Not compared",
        onRoute.filter(isFailing),
        (pair) => pair.found.because!,
      ),
    ],
  };
}

function differs({ found }: Pair): boolean {
  return found.verdict === "higher";
}

/** Whether the one that takes less time has fewer calls that succeed. */
function isFailing({ found }: Pair): boolean {
  return found.because !== undefined;
}

function isOpen({ found }: Pair): boolean {
  return found.verdict === "not enough data";
}

/** As in `hono answers 12.3 % more ... than bare (95 %: 10.1 to 14.5 %)`. */
function sayMore({ low, high, found }: Pair, measure: Measure): string {
  const { difference, ratio } = found;
  if (!ratio) {
    const more = apart(difference!, measure.format);
    return `${measure.says(high.server, more, low.server)} (95 %)`;
  }
  const [share, from, to] = [ratio.value, ratio.low!, ratio.high!]
    .map((share) => percent(share * 100));
  return `${measure.says(high.server, share!, low.server)} ` +
    `(95 %: ${ratio.isWide ? TOO_WIDE : withUnitOnce(from!, to!)})`;
}

/** By how much pairs that show no difference may still differ. */
function atMost(pairs: Pair[]): string {
  const most = max(pairs, ({ found }) => mostApart(found))!;
  return `${percent(most * 100)} at most`;
}

/** As in `1 more trial of each`, or in `3 to 40 more trials of each`. */
function moreTrials(pairs: Pair[]): string {
  const [least, most] = extent(pairs, ({ found }) => found.moreTrials ?? 1);
  return least === most || most === Infinity
    ? formatTrials(most ?? 1, "of each")
    : `${formatCount(least!)} to ${formatTrials(most!, "of each")}`;
}

function inDoubt(pairs: Pair[], { doubt = doubtOf }: Measure): string {
  const sides = pairs.flatMap(({ low, high }) => [low, high]);
  return sides.some(({ trials }) => trials.some(doubt))
    ? "; some trials are in doubt"
    : "";
}
