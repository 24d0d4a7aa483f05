/** Of how many trials a figure speaks, where some of them don't have it. */
import { rollups } from "d3-array";
import type { Summary } from "../../lib/summary.ts";
import type { Trial } from "./trials/mod.ts";

/** Why the figure of a trial is not there; undefined if that needs no word. */
type Why = (summary: Summary) => string | undefined;

/** A value that can't be, or no answer at all. */
export const impossible: Why = ({ impossible, ok }) =>
  impossible?.[0] ?? (ok === 0 ? "no call succeeded" : undefined);

const notMeasured: Why = (summary) => impossible(summary) ?? "not measured";

const MOST_TOLD = 3;

/**
 * Which trials a title, a mean or a claim leaves out because they don't have the
 * figure, and why, as the end of a sentence: `; 1 of 10 trials of sync left out: a
 * call timed out`. Empty if it leaves out none.
 */
export function leftOut<T extends Trial>(
  measured: { label: string; trials: T[] }[],
  of: (trial: T) => number | undefined,
  why: Why = notMeasured,
): string {
  const found = measured.flatMap(({ label, trials }) => {
    const without = trials.filter((trial) => of(trial) === undefined)
      .map(({ summary }) => why(summary))
      .filter((reason) => reason !== undefined);
    if (without.length === 0) return [];
    const all = trials.length;
    const some = `${without.length} of ${all} trials of ${label}`;
    return [{ whose: without.length === all ? label : some, why: without[0]! }];
  });
  const told = rollups(
    found,
    (same) => new Intl.ListFormat("en-GB").format(listed(same)),
    ({ why }) => why,
  ).map(([why, whose]) => `; ${whose} left out: ${why}`);
  const more = told.length - MOST_TOLD;
  return told.slice(0, MOST_TOLD).join("") +
    (more > 0 ? `; others left out for ${more} other reasons` : "");
}

function listed(all: { whose: string }[]): string[] {
  const names = all.slice(0, MOST_TOLD).map(({ whose }) => whose);
  const more = all.length - names.length;
  return more > 0 ? [...names, `${more} more`] : names;
}
