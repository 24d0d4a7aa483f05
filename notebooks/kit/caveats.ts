/** Caveats that several chapters share. */
import {
  leastTrials,
  notInterleaved,
  otherPlaces,
  type Side,
} from "./comparison/mod.ts";
import { capitalize } from "./numbers.ts";

/**
 * Whether the trials of each `what` are enough to tell cause from chance, where a
 * chart compares this many `pairs`.
 */
export function fewTrials(
  measured: Side[],
  what: string,
  pairs = measured.length * (measured.length - 1) / 2,
): string {
  const fewest = Math.min(...measured.map(({ trials }) => trials.length));
  const least = leastTrials(pairs);
  if (fewest >= least) {
    return "A difference is claimed only where its interval leaves out 0, so " +
      "strictly that all pairs of a chart together are right in 95 % of cases. Intervals " +
      `are over the trials, ${fewest} of each ${what}.`;
  }
  const there = fewest === 1
    ? "One trial shows no spread"
    : `${fewest} trials are few`;
  return `${there}, so that chance can't be told from cause: a claim takes ` +
    `${least} trials of each ${what}.`;
}

/** Causes of a difference that no interval shows, such as another machine. */
export function otherCauses(measured: Side[]): string[] {
  return [...notInterleaved(...measured), ...otherPlaces(...measured)]
    .map((caution) => `${capitalize(caution)}.`);
}
