/** What was measured under load models, and what of it can be claimed. */
import { max } from "d3-array";
import { arrivals, stages } from "../arrivals.ts";
import { formatNumber, formatSeconds } from "../format.ts";
import { stalled } from "../laws.ts";
import type { Rate } from "../pace.ts";
import { time } from "../query.ts";
import { responseTime } from "../summary.ts";
import { callsOf } from "./calls.ts";
import { differ, hostname, type Spread, spreadOf } from "./spread.ts";
import { capitalize } from "./style_charts.ts";
import type { Trial } from "./trials.ts";

/** A load model, and what was measured under it. */
export interface Load {
  label: string;
  /** As in `the users'`. */
  whose: string;
  color: string;
  /** Whether each call has its due time, whatever the server does. */
  isOpen: boolean;
  /** At least one. */
  trials: Trial[];
}

/** A call takes long if it takes more than so many times the median. */
const LONG = 10;

/** Whether the p99 of each model, the open one first, has the freeze in it. */
export function finding(loads: Load[]): string {
  const found = measured(loads, ({ summary }) => summary.response?.p99);
  const [one, other] = found;
  if (!one) return "No call was answered";
  const [there, here] = found.map(({ median }) => formatSeconds(median));
  if (!other) {
    return `${capitalize(one.whose)} p99 is ${there}; ` +
      "there is nothing to compare it with" + inDoubt(loads);
  }
  const hosts = loads.flatMap(({ trials }) =>
    trials.map(({ rows }) => hostname(rows[0]!))
  );
  if (new Set(hosts).size > 1) {
    return "No comparison of the p99: the calls went to different servers";
  }
  if (!differ(one, other)) {
    return `No difference shown between ${one.whose} p99 and ${other.whose}`;
  }
  const says = isHidden(one.load, other.load)
    ? `The freeze of the server is in ${one.whose} p99 (${there}), and not ` +
      `in ${other.whose} (${here})`
    : `${capitalize(one.whose)} p99 is ${there}, and ${other.whose} ${here}`;
  return says + inTrials(found) + inDoubt(loads);
}

/** How many calls of each model took long. */
export function longCalls(loads: Load[]): string {
  const shares = measured(loads, ({ rows, summary: { response } }) => {
    if (!response) return undefined;
    const times = rows.flatMap((row) => responseTime(row) ?? []);
    const long = times.filter((time) => time > LONG * response.p50);
    return long.length / times.length;
  });
  const [one, other] = shares;
  if (!one) return "No call was answered";
  const what = `more than ${LONG} times the median`;
  if (shares.every(({ max }) => max === 0)) return `No call took ${what}`;
  const percent = ({ median }: Spread) => `${formatNumber(median * 100)} %`;
  const says = `${percent(one)} of ${one.whose} calls took ${what}`;
  if (!other) return says;
  if (!differ(one, other)) {
    return `No difference shown between ${one.whose} calls and ` +
      `${other.whose} in how many took ${what}`;
  }
  return `${says}, and ${percent(other)} of ${other.whose}` + inTrials(shares);
}

/** How many calls a second were asked for, and how many were answered. */
export function ratesAnswered(loads: Load[]): string {
  const parts = loads.map(({ label, isOpen, trials }) => {
    const asked = spreadOf(trials.flatMap((trial) => askedFor(trial) ?? []));
    const achieved = spreadOf(trials.map(({ summary }) => summary.throughput))!;
    const rate = formatNumber(achieved.median);
    return isOpen && asked
      ? `of the ${formatNumber(asked.median)} calls a second that the ` +
        `${label} asked for, ${rate} were answered OK`
      : `the ${label} had ${rate} a second answered`;
  });
  return capitalize(parts.join("; "));
}

/** The loads that have a figure, with its spread over their trials. */
function measured(
  loads: Load[],
  figure: (trial: Trial) => number | undefined,
): (Spread & { whose: string; load: Load })[] {
  return loads.flatMap((load) => {
    const found = spreadOf(load.trials.flatMap((each) => figure(each) ?? []));
    return found ? { ...found, whose: load.whose, load } : [];
  });
}

/**
 * Whether both models met a freeze of a target that is known to, and only the
 * open one's p99 has it.
 */
function isHidden(open: Load, closed: Load): boolean {
  const areLong = ({ trials }: Load, name: "p99" | "max") =>
    trials.map(({ summary: { response } }) =>
      response !== undefined && response[name] > LONG * response.p50
    );
  return [...open.trials, ...closed.trials].every(freezes) &&
    areLong(open, "p99").every(Boolean) &&
    areLong(closed, "max").every(Boolean) &&
    !areLong(closed, "p99").some(Boolean);
}

/** Whether a trial called the target's page that freezes. */
export function freezes({ rows }: Trial): boolean {
  const url = URL.parse(rows[0]!.url);
  return url !== null && url.pathname.startsWith("/stall");
}

function inTrials(spreads: Spread[]): string {
  const few = spreads.some(({ trials }) => trials === 1);
  return few ? ", in a single trial" : "";
}

function inDoubt(loads: Load[]): string {
  const doubtful = loads.some(({ trials }) =>
    trials.some(({ run }) => run?.doubts?.length)
  );
  return doubtful ? ", of runs that are in doubt" : "";
}

/** When the calls of an attack were due, those never sent among them. */
export function duesOf({ rows, run }: Trial): number[] {
  const { rate, duration, ramp } = run?.options ?? {};
  if (!rate) return callsOf(rows).map(({ due }) => due);
  const steps = (rate as Rate[]).map(({ limit, per }) => limit / per);
  const { total, due } = arrivals(
    stages(steps, Number(duration), Number(ramp)),
  );
  return Array.from({ length: total }, (_, n) => due(n));
}

/** Calls that were due, per second from the first to the last of them. */
export function askedFor(trial: Trial): number | undefined {
  const dues = duesOf(trial);
  const span = max(dues) ?? 0;
  return span > 0 ? (dues.length - 1) / span : undefined;
}

/**
 * The response times, in seconds, that an ideal client would have measured of a
 * target that freezes, if the target counts from the trial's first call. Not
 * there where nobody knows that, or what a URL leaves out.
 */
export function idealTimes(trial: Trial, loads: Load[]): number[] | undefined {
  const warmup = Number(trial.run?.options.warmup ?? 0);
  if (!freezes(trial) || warmup > 0 || trial.summary.ok === 0) return;
  const wasFirst = loads.flatMap(({ trials }) => trials).every((other) =>
    other === trial || clockOf(other) !== clockOf(trial) ||
    other.rows[0]!.timestamp > trial.rows[0]!.timestamp
  );
  const query = new URL(trial.rows[0]!.url).searchParams;
  const names = ["at", "for", "every", "delay"];
  if (!wasFirst || !names.every((name) => query.has(name))) return undefined;
  const [at, length, every, delay] = names
    .map((name) => time(query, name, "0s")) as [number, number, number, number];
  return stalled({ at, length, every, delay })
    .times(callsOf(trial.rows).map(({ due }) => due));
}

/** Which of a target's clocks says when it freezes. */
function clockOf({ rows }: Trial): string {
  const url = URL.parse(rows[0]!.url);
  return `${url?.origin}${url?.pathname} ${url?.searchParams.get("key")}`;
}
