/** What is to be known of trials before their figures are believed. */
import { sum } from "d3-array";
import { whole } from "./framework_figures.ts";
import { type Combination, doubtOf } from "./framework_trials.ts";
import { type Html, html } from "./html.ts";
import { doubtList } from "./notices.ts";

/** Which trials are not to be trusted, and why. */
export function doubts(combinations: Combination[]): Html {
  return doubtList(combinations.flatMap(({ label, trials }) => {
    const why = trials.flatMap((trial) => doubtOf(trial) ?? []);
    if (why.length === 0) return [];
    return [`${why.length} of ${trials.length} of ${label}: ${why[0]}`];
  }));
}

/** An answer that says no is soon given, and looks like a quick one. */
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
