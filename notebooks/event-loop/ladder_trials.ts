/** The trials of the webhook's routes, and what its event loop did meanwhile. */
import { max, sum } from "d3-array";
import { readTrials, type Trial } from "../kit/trials/mod.ts";
import { lagFile, nameOf } from "../../scripts/chapters/names/mod.ts";
import { firstDue } from "../kit/mod.ts";
import { type Lag, readLags } from "./lag.ts";

/** A way of writing the handler. */
export interface Rung {
  route: string;
  /** The route again. */
  label: string;
  color: string;
  trials: Trial[];
  /** Of all trials. */
  lags: Lag[];
}

/** By what waits in a handler: the event loop, a thread, or neither. */
const colors: [RegExp, string][] = [
  [/blocking|client-per-request|direct/, "var(--sync)"],
  [/pool|singleton/, "var(--semaphore)"],
  [/./, "var(--async)"],
];

/** Reads what there is of some routes; never throws. */
export function readRungs(
  folder: string,
  routes: string[],
): { rungs: Rung[]; absent: string[]; problems: string[] } {
  const all = routes.map((route) => {
    const { trials, problems } = readTrials(folder, nameOf(route));
    const color = colors.find(([pattern]) => pattern.test(route))![1];
    if (trials.length === 0) {
      return { route, label: route, color, trials, lags: [], problems: [] };
    }
    const { lags, problems: ofLags } = readLags(lagFile(folder, nameOf(route)));
    const said = [...problems, ...ofLags];
    return { route, label: route, color, trials, lags, problems: said };
  });
  return {
    rungs: all.filter(({ trials }) => trials.length > 0),
    absent: all.filter(({ trials }) => trials.length === 0)
      .map(({ route }) => route),
    problems: all.flatMap(({ problems }) => problems),
  };
}

/** Whether the median request was given up: its time is then a least one. */
export function isMedianUnknown({ trials }: Rung): boolean {
  return trials.some(({ summary: { errors, attempts } }) =>
    (errors.timeout ?? 0) >= attempts / 2
  );
}

/** A killed server has not written the lags of its last seconds. */
const UNWRITTEN = 0.2;

/** The lags during one of the trials, in seconds since its first call was due. */
export function lagsDuring(trial: Trial, lags: Lag[]): Lag[] {
  const { rows, summary: { seconds = 0 } } = trial;
  const start = firstDue(rows);
  const during = lags.map((each) => ({ ...each, at: each.at - start }))
    .filter(({ at, lag }) => at > 0 && at - lag < seconds);
  const last = during.at(-1);
  const left = last ? seconds - last.at : 0;
  // It stood still when it was killed, and so until the end.
  return last && left > UNWRITTEN
    ? [...during, { ...last, at: seconds, lag: left }]
    : during;
}

/** In seconds; timers are this late on any machine. */
export const LEAST_LAG = 0.005;

/**
 * The share of a trial, in per cent, in which the event loop stood still for
 * longer than that.
 */
export function stillShare(trial: Trial, lags: Lag[]): number | undefined {
  const { seconds } = trial.summary;
  const during = lagsDuring(trial, lags);
  if (during.length === 0 || !seconds) return undefined;
  const still = sum(
    during.filter(({ lag }) => lag >= LEAST_LAG),
    ({ at, lag }) => Math.min(at, seconds) - Math.max(0, at - lag),
  );
  // Lags that overlap are not those of one loop.
  return Math.min(100, 100 * still / seconds);
}

/** The most memory that the server had in a trial, in megabytes. */
export function peakMemory(trial: Trial, lags: Lag[]): number | undefined {
  const most = max(lagsDuring(trial, lags), ({ memory }) => memory);
  return most && most / 1e6;
}
