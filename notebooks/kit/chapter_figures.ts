/** The table of the styles' figures. */
import { sum } from "d3-array";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import { type Html, html } from "./html.ts";
import {
  type Figure,
  type Format,
  margin,
  type Spread,
  spread,
} from "./mean_interval.ts";
import type { Trial } from "./trials/mod.ts";

const columns: [string, Figure, Format][] = [
  ["Total", ({ seconds }) => seconds, formatSeconds],
  ["Average", ({ elapsed }) => elapsed?.mean, formatSeconds],
  ["Fastest", ({ elapsed }) => elapsed?.min, formatSeconds],
  ["Slowest", ({ elapsed }) => elapsed?.max, formatSeconds],
  ["p50", ({ elapsed }) => elapsed?.p50, formatSeconds],
  ["p95", ({ elapsed }) => elapsed?.p95, formatSeconds],
  ["p99", ({ elapsed }) => elapsed?.p99, formatSeconds],
  ["Calls per second", ({ throughput }) => throughput, formatNumber],
  ["Efficiency", ({ efficiency }) => efficiency, formatNumber],
];

export const figuresHeading = [
  "Style",
  "Calls",
  ...columns.map(([name]) => name),
];

/** Explains what {@link cell} writes. */
export const reading = "means over the trials with their 95 % intervals (±), " +
  "or with the least and the most where the trials are too few for one";

/** One row of the table: means, each with its {@link margin}. */
export function figuresRow(label: string, trials: Trial[]): (Html | string)[] {
  const cells = columns.map(([, figure, format]) =>
    cell(spread(trials, figure), format)
  );
  return [label, books(trials), ...cells];
}

/** A mean, with its interval below it, or with the least and the most. */
export function cell(found: Spread | undefined, format: Format): Html {
  if (!found) return html`-`;
  const beside = margin(found, format);
  return html`${format(found.value)}${
    beside !== "" && html`
      <small>${beside}</small>
    `
  }`;
}

/** How many calls each trial made, and how many of all failed or are unknown. */
function books(trials: Trial[]): Html {
  const calls = [...new Set(trials.map(({ summary }) => summary.calls))];
  const failed = sum(trials, ({ summary }) => summary.failed);
  const unread = sum(trials, ({ summary }) => summary.unread ?? 0);
  const counted = trials.length === 1 ? "1 trial" : `${trials.length} trials`;
  return html`${calls.join(" or ")} <small>(${counted}${
    failed > 0 && `, ${failed} failed`
  }${unread > 0 && `, ${unread} unreadable`})</small>`;
}
