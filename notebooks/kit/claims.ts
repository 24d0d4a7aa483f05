/** Sentences that say what a comparison shows. */
import { ascending, sum } from "d3-array";
import {
  compare,
  type Comparison,
  type Estimate,
  formatTrials,
  TOO_WIDE,
  unlessFailing,
  whyNoClaim,
} from "./comparison/mod.ts";
import { formatNumber } from "../../lib/format.ts";
import { isEmbedded, pagesOf, type Trial } from "./trials/mod.ts";
import { leftOut } from "./left_out.ts";
import {
  type Figure,
  type Format,
  plusMinus,
  type Spread,
  spread,
} from "./mean_interval.ts";

/** A named thing with a figure over its trials. */
interface Labelled extends Spread {
  label: string;
}

/**
 * A sentence about the least and the greatest of several figures: that of `says`
 * if they differ, or else that no difference is shown in `what`. Picking these two
 * counts as comparing all pairs. A time is not called shorter where fewer calls
 * succeed.
 */
export function contrast(
  measured: { label: string; trials: Trial[] }[],
  figure: Figure,
  what: string,
  says: (least: Labelled, greatest: Labelled, found: Comparison) => string,
  { isTime = true } = {},
): string {
  const lost = whyNoClaim(measured);
  if (lost) return `No comparison of ${what}: ${lost}`;
  const trials = measured.flatMap(({ trials }) => trials);
  const port = !trials.some(isEmbedded);
  const work = trials.map((trial) => workOf(trial, port));
  if (new Set(work).size > 1) {
    return `No comparison of ${what}: the trials did not make the same calls`;
  }
  const failed = failures(measured, 1);
  if (failed) return `No comparison of ${what}: ${failed}`;
  const all = measured.flatMap(({ label, trials }) => {
    const found = spread(trials, figure);
    return found ? [{ label, trials, ...found }] : [];
  }).sort((a, b) => ascending(a.value, b.value));
  const [low, high] = [all[0], all.at(-1)];
  const left = leftOut(measured, ({ summary }) => figure(summary));
  if (!low || !high) return `Nothing to compare in ${what}${left}`;
  if (low === high) {
    return `Nothing to compare ${low.label} with in ${what}${left}`;
  }
  const pairs = all.length * (all.length - 1) / 2;
  const compared = compare(low.values, high.values, { pairs });
  const found = isTime ? unlessFailing(compared, low, high) : compared;
  return conclusion(
    found,
    `${low.label} and ${high.label} in ${what}`,
    () =>
      [says(low, high, found), failures(measured, 0.5)]
        .filter(Boolean).join("; "),
  ) + left;
}

/**
 * Which sides had at least this share of their calls fail, as in `most calls of
 * sync failed`; undefined if none did. The time until a failure is not that of an
 * answer.
 */
export function failures(
  measured: { label: string; trials: Trial[] }[],
  share: number,
): string | undefined {
  const whose = measured.filter(({ trials }) => {
    const ok = sum(trials, ({ summary }) => summary.ok);
    const failed = sum(trials, ({ summary }) => summary.failed);
    return failed > 0 && failed >= share * (failed + ok);
  }).map(({ label }) => label);
  if (whose.length === 0) return undefined;
  if (share === 1 && whose.length === measured.length) {
    return "all calls failed";
  }
  const names = new Intl.ListFormat("en-GB").format(whose);
  return `${share === 1 ? "all" : "most"} calls of ${names} failed`;
}

/**
 * What `says` says, if the comparison of `both` shows a difference; else that it
 * shows none, and how large one may still be, or how many trials are missing.
 */
export function conclusion(
  comparison: Comparison,
  both: string,
  says: () => string,
): string {
  const { verdict, because, moreTrials } = comparison;
  if (because) return `No comparison of ${both}: ${because}`;
  if (verdict === "lower" || verdict === "higher") return says();
  if (verdict === "no difference") {
    const most = mostApart(comparison);
    const left = `: ${formatNumber(most * 100)} % at most (95 %)`;
    return `No difference shown between ${both}` + (most > 0 ? left : "");
  }
  return `Not enough data to compare ${both}` +
    (moreTrials ? `: ${formatTrials(moreTrials, "of each")}` : "");
}

/**
 * How far two figures that show no difference may be apart, as a share of the
 * first: what their verdict is by.
 */
export function mostApart({ a, difference }: Comparison): number {
  const { low = 0, high = 0 } = difference ?? {};
  return a?.value ? Math.max(-low, high) / Math.abs(a.value) : 0;
}

/**
 * How many times as much the second figure is, as in `12.3 times`, and the
 * interval of that, as in `(95 %: 12.1 to 12.5)`.
 */
export function times({ ratio }: Comparison): [times: string, sure: string] {
  const { value, low, high, isWide } = ratio ?? {};
  const text = (share = Infinity) => formatNumber(1 + share);
  if (isWide) return [`${text(value)} times`, ` (95 %: ${TOO_WIDE})`];
  const sure = ` (95 %: ${text(low)} to ${text(high)})`;
  return [`${text(value)} times`, low === undefined ? "" : sure];
}

/** How far two figures are apart, whichever is more: `12.3 ± 0.2 ms`. */
export function apart({ value, high }: Estimate, format: Format): string {
  const size = Math.abs(value);
  if (high === undefined) return format(size);
  return plusMinus({ value: size, high: size + high - value }, format);
}

/** What a trial has in common with those that it can be compared with. */
function workOf(trial: Trial, port: boolean): string {
  return `${trial.summary.calls} calls to ${pagesOf(trial, { port }).join()}`;
}
