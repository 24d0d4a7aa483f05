/** Finds impossible times in rows, and guesses what went wrong. */
import { formatNumber, formatSeconds } from "../../format.ts";
import type { Row } from "../../row.ts";
import type { Checks } from "../../summary.ts";

/** The first HTTP call, in seconds since 1970. */
const FIRST = Date.UTC(1990, 0) / 1000;
const DAY = 86_400;
/** Timestamps are whole milliseconds, and so are many clocks. */
const TICK = 0.001;

let latest = 0;

/** Whether a call can have been made then, in seconds since 1970: 1990 to tomorrow. */
function isPossible(time: number): boolean {
  if (time > latest) latest = Date.now() / 1000 + DAY;
  return time >= FIRST && time <= latest;
}

/** Whether a call can't have been sent at that time. */
export function isWrongTime(sent: number): boolean {
  return !isPossible(sent);
}

/**
 * Whether a call can't have waited that long before it was sent. Clocks that differ
 * by less than a tick are fine: {@link knownWait} makes that 0.
 */
export function isWrongWait(wait: number, sent: number): boolean {
  return wait < -TICK || isPossible(sent) && !isPossible(sent - wait);
}

/** The wait of a row, in seconds; undefined if it is missing or impossible. */
export function knownWait({ wait }: Pick<Row, "wait">, sent: number) {
  return wait === undefined || isWrongWait(wait, sent)
    ? undefined
    : Math.max(0, wait);
}

/** Whether a call can't have taken that long. */
export function isWrongElapsed(elapsed: number, sent: number): boolean {
  return elapsed < 0 || isPossible(sent) && !isPossible(sent + elapsed);
}

/** Checks the rows of a run; `due` is the word for the time that waits start at. */
export function checkRows(due: "due" | "published" = "due"): Checks {
  let time: number | undefined;
  let other: { wait: number; sent: number } | undefined;
  let ahead = 0;
  let shortest = 0;
  let longest: number | undefined;
  let least = 0;

  return {
    look(row, sent) {
      const { wait, elapsed } = row;
      if (isWrongTime(sent)) time ??= sent;
      if (wait !== undefined && isWrongWait(wait, sent)) {
        ahead = Math.max(ahead, -wait);
        if (!isPossible(sent - wait)) other ??= { wait, sent };
      }
      if (elapsed !== undefined && isWrongElapsed(elapsed, sent)) {
        shortest = Math.min(shortest, elapsed);
        if (elapsed > 0) longest ??= elapsed;
      }
      least = Math.min(least, row.server ?? 0);
    },
    knownWait,
    found: () => ({
      timestamp: time === undefined
        ? undefined
        : `a call was sent in ${yearOf(time)}: a clock was wrong`,
      wait: other && isPossible(other.sent)
        ? dueText(other, due)
        : ahead > 0
        ? `clock skew of at least ${formatSeconds(ahead)}: calls were sent ` +
          `that long before they were ${due}`
        : undefined,
      elapsed: shortest < 0
        ? `a call ended ${formatSeconds(-shortest)} before it was sent: ` +
          "a clock was set back"
        : longest !== undefined
        ? `a call took ${years(longest)}: elapsed is probably not in seconds`
        : undefined,
      server: least < 0
        ? `a server took ${formatSeconds(-least)} less than no time: its ` +
          "clock was set back"
        : undefined,
    }),
  };
}

/** What to multiply a time by if it was taken for milliseconds. */
const units = { seconds: 1000, microseconds: 1e-3, nanoseconds: 1e-6 };

/** Describes a call that was due before 1990, or after tomorrow. */
function dueText(
  { wait, sent }: { wait: number; sent: number },
  due: string,
): string {
  const time = sent - wait;
  const [unit] = Object.entries(units)
    .find(([_, milliseconds]) => isPossible(time * milliseconds)) ?? [];
  const when = wait < 0 ? "in the future" : `in ${yearOf(time)}`;
  return `a call was ${due} ${when}: that time is probably in ` +
    (unit ? `${unit}, not milliseconds` : "another unit, or a clock was wrong");
}

function yearOf(time: number): string {
  const year = new Date(time * 1000).getUTCFullYear();
  return Number.isNaN(year) ? "no year that there is" : String(year);
}

function years(seconds: number): string {
  return `${formatNumber(seconds / (365 * DAY))} years`;
}
