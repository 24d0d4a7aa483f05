/** What the numbers of several chapters can't say, in the same words. */
import type { Trial } from "./trials.ts";

/** How far chance can be told from cause by the trials of each `what`. */
export function fewTrials(
  measured: { trials: Trial[] }[],
  what: string,
): string {
  const fewest = Math.min(...measured.map(({ trials }) => trials.length));
  return fewest > 1
    ? `A difference is claimed only where the ranges of the trials don't ` +
      `touch. ${fewest} trials of a ${what} are few.`
    : "One trial shows no spread, so that chance can't be told from cause.";
}
