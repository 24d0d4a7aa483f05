/** Notices about trials: doubts, lost rows and failures. */
import { sum } from "d3-array";
import { type Side, unreadRows, whyNoClaim } from "../comparison/mod.ts";
import { whole } from "./figures.ts";
import { type Combination, doubtOf } from "./combinations.ts";
import { type Html, html } from "../html.ts";
import { doubtList } from "../notices.ts";

/** Which trials are not to be trusted, and why. */
export function doubts(combinations: Combination[]): Html {
  return doubtList(combinations.flatMap(({ label, trials }) => {
    const why = trials.flatMap((trial) => doubtOf(trial) ?? []);
    const lost = lostRows({ label, trials });
    if (why.length === 0) return lost;
    return [
      `${why.length} of ${trials.length} of ${label}: ${why[0]}`,
      ...lost,
    ];
  }));
}

/** Rows that can't be read, and whether anything is claimed without them. */
export function lostRows(side: Side): string[] {
  const unclaimed = whyNoClaim([side]);
  if (unclaimed) return [`${unclaimed}; nothing is claimed of it`];
  return [unreadRows(side) ?? []].flat();
}

/** How many requests failed: a quick refusal looks like a fast answer. */
export function failures(combinations: Combination[]): Html[] {
  return combinations.flatMap(({ label, trials }) => {
    const failed = sum(trials, ({ summary }) => summary.failed);
    if (failed === 0) return [];
    const all = sum(trials, ({ summary }) => summary.calls);
    return [
      html`<p class="notice">${whole(failed)} of ${
        whole(all)
      } requests to ${label}
failed; their times and sizes are among the others.</p>\n`,
    ];
  });
}
