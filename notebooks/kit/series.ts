/** Which of many series are drawn: as many as a chart can tell apart. */
import { type Html, html } from "./html.ts";

export const MOST_DRAWN = 12;

/** Some of them, `others` not counted: the first, the last, and evenly between. */
export function drawable<Series>(all: Series[], others = 0): Series[] {
  const most = MOST_DRAWN - others;
  if (all.length <= most) return all;
  return Array.from(
    { length: most },
    (_, place) => all[Math.round(place * (all.length - 1) / (most - 1))]!,
  );
}

/** How many are not drawn; nothing if all are. `what` is as in `servers`. */
export function undrawn(
  drawn: unknown[],
  all: unknown[],
  what: string,
): Html | undefined {
  if (drawn.length === all.length) return undefined;
  return html`
    <p class="notice">Of ${all.length} ${what} ${drawn.length} are drawn and
    compared with each other, as many as a chart can tell apart. The tables have
    all.</p>
  `;
}
