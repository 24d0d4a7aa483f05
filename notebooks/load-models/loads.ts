/** What was measured under load models, and what of it can be claimed. */
import { max, sum } from "d3-array";
import { arrivals, stages } from "../../scripts/load/mod.ts";
import {
  apart,
  callsOf,
  capitalize,
  conclusion,
  impossible,
  leftOut,
  percent,
  plusMinus,
  responseTime,
  type Spread,
  spreadBy,
  spreadOf,
} from "../kit/mod.ts";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import {
  type Stall,
  stallDelay,
  time,
} from "../../scripts/servers/target/mod.ts";
import type { Rate } from "../../scripts/throttle/mod.ts";
import { compare, unlessFailing, whyNoClaim } from "../kit/comparison/mod.ts";
import {
  calledTheSame,
  isCutOff,
  pagesOf,
  type Trial,
} from "../kit/trials/mod.ts";

/** A load model, and what was measured under it. */
export interface Load {
  label: string;
  /** As in `the users'`. */
  whose: string;
  color: string;
  /** Whether calls are due at times that don't depend on the server. */
  isOpen: boolean;
  /** At least one. */
  trials: Trial[];
}

/** A call is long if it takes more than this many times the median. */
const LONG = 10;

const UNANSWERED = "No call was answered OK";
const ELSE = ": the calls went to different servers or pages";

/** Whether the p99 of each model, the open one first, has the freeze in it. */
export function finding(loads: Load[]): string {
  const lost = whyNoClaim(loads);
  if (lost) return `Nothing can be said of the p99: ${lost}`;
  const p99 = ({ summary }: Trial) => summary.response?.p99;
  const found = measured(loads, p99);
  const left = leftOut(loads, p99, impossible);
  const [one, other] = found;
  if (!anyOk(loads)) return UNANSWERED;
  if (!one) return `The p99 is not known${left}`;
  const [there, here] = found.map(({ value }) => formatSeconds(value));
  if (!other) {
    return `${capitalize(one.whose)} p99 is ${there}; ` +
      "there is nothing to compare it with" + inDoubt(loads) +
      failures(loads) + left;
  }
  if (!calledTheSame(trialsOf(loads))) return `No comparison of the p99${ELSE}`;
  const comparison = unlessFailing(
    compare(one.values, other.values),
    one.load,
    other.load,
  );
  const both = `${one.whose} p99 (${there}) and ${other.whose} (${here})`;
  return conclusion(comparison, both, () => {
    const { difference, verdict } = comparison;
    const by = `${apart(difference!, formatSeconds)} ` +
      `${verdict === "lower" ? "less" : "more"} (95 %)`;
    const says = isHidden(one.load, other.load)
      ? `The freeze of the server is in ${one.whose} p99 (${there}), and not ` +
        `in ${other.whose} (${here})`
      : `${capitalize(one.whose)} p99 is ${there}, and ${other.whose} ${here}`;
    return `${says}: ${by}`;
  }) + inDoubt(loads) + failures(loads) + left;
}

/** How many calls of each model took long. */
export function longCalls(loads: Load[]): string {
  const lost = whyNoClaim(loads);
  if (lost) return `Nothing can be said of how many calls took long: ${lost}`;
  const share = ({ rows, summary: { response } }: Trial) => {
    if (!response) return undefined;
    const times = rows.flatMap((row) => responseTime(row) ?? []);
    const long = times.filter((time) => time > LONG * response.p50);
    return long.length / times.length * 100;
  };
  const shares = measured(loads, share);
  const [one, other] = shares;
  const left = leftOut(loads, share, impossible);
  if (!anyOk(loads)) return UNANSWERED;
  if (!one) return `How long calls took is not known${left}`;
  const what = `more than ${LONG} times the median`;
  if (other && !calledTheSame(trialsOf(loads))) {
    return `No comparison of how many calls took long${ELSE}`;
  }
  const failed = failures(loads) + left;
  if (shares.every(({ values }) => values.every((share) => share === 0))) {
    return `No call took ${what}${failed}`;
  }
  const [there, here] = shares.map(({ value }) => percent(value));
  const says = `${there} of ${one.whose} calls took ${what}`;
  if (!other) return says + failed;
  const comparison = compare(one.values, other.values);
  const both = `${one.whose} calls (${there}) and ${other.whose} (${here}) ` +
    `in how many took ${what}`;
  return conclusion(comparison, both, () => {
    const { difference, verdict } = comparison;
    return `${says}, and ${here} of ${other.whose}: ` +
      `${apart(difference!, formatNumber)} points ` +
      `${verdict === "lower" ? "less" : "more"} (95 %)`;
  }) + failed;
}

/** How many calls a second were asked for, and how many were answered. */
export function ratesAnswered(loads: Load[]): string {
  const lost = whyNoClaim(loads);
  if (lost) return `Nothing can be said of a rate: ${lost}`;
  const parts = loads.flatMap(({ label, isOpen, trials }) => {
    const rates = trials.flatMap((trial) => ratesOf(trial, isOpen) ?? []);
    const asked = spreadOf(rates.flatMap(({ asked }) => asked ?? []));
    const answered = spreadOf(rates.map(({ answered }) => answered));
    if (!answered) return [];
    const rate = plusMinus({ ...answered, of: trials.length }, formatNumber);
    return asked
      ? `of the ${formatNumber(asked.value)} calls a second that the ` +
        `${label} asked for, ${rate} were answered OK`
      : `the ${label} had ${rate} a second answered OK`;
  });
  const left = leftOut(loads, ({ summary }) => summary.throughput, impossible);
  return parts.length > 0
    ? capitalize(parts.join("; ")) + left
    : `Too few calls to speak of a rate${left}`;
}

/** The loads that have a figure, with its spread over their trials. */
function measured(
  loads: Load[],
  figure: (trial: Trial) => number | undefined,
): (Spread & { whose: string; load: Load })[] {
  return loads.flatMap((load) => {
    const found = spreadBy(load.trials, figure);
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

/** Whether a trial called the target's page that freezes, and no other. */
export function freezes(trial: Trial): boolean {
  const pages = pagesOf(trial);
  return pages.length > 0 &&
    pages.every(({ pathname }) => pathname.startsWith("/stall"));
}

function trialsOf(loads: Load[]): Trial[] {
  return loads.flatMap(({ trials }) => trials);
}

function anyOk(loads: Load[]): boolean {
  return trialsOf(loads).some(({ summary }) => summary.ok > 0);
}

/** What is to be known of times that are mostly those of failures. */
function failures(loads: Load[]): string {
  const whose = loads.flatMap(({ whose, trials }) => {
    const failed = sum(trials, ({ summary }) => summary.failed);
    const ok = sum(trials, ({ summary }) => summary.ok);
    if (failed <= ok) return [];
    return `${ok === 0 ? "all" : "most"} of ${whose}`;
  });
  return whose.length > 0 ? `; ${whose.join(" and ")} calls failed` : "";
}

function inDoubt(loads: Load[]): string {
  const doubtful = loads.some(({ trials }) =>
    trials.some(({ run }) => run?.doubts?.length)
  );
  const cut = loads.some(({ trials }) =>
    trials.some(({ run }) => isCutOff(run))
  );
  return (doubtful ? ", of runs that are in doubt" : "") +
    (cut ? ", of a run that was cut off" : "");
}

/** A file that asks for more calls is wrong. */
const MOST_DUE = 10_000_000;

/** When the calls of an attack were due, those never sent among them. */
export function duesOf({ rows, run }: Trial): number[] {
  const { rate, duration, ramp } = run?.options ?? {};
  const steps = ((rate ?? []) as Rate[]).map(({ limit, per }) => limit / per);
  const all = arrivals(stages(steps, Number(duration), Number(ramp ?? 0)));
  // Calls due after a run was cut off were not asked for.
  const last = isCutOff(run) ? max(rows, ({ id }) => Number(id)) : undefined;
  const total = Math.min(all.total, last ?? Infinity);
  if (steps.length === 0 || !(total <= MOST_DUE)) {
    return callsOf(rows).map(({ due }) => due);
  }
  return Array.from({ length: total }, (_, n) => all.due(n));
}

/** Calls per second; `answered` is never more than `asked`. */
interface Rates {
  /** Only for a load with a rate. */
  asked?: number;
  /** Those that succeeded. */
  answered: number;
}

/**
 * How many calls of a trial were due each second, if it `isOpen`, and how many
 * were answered OK. Each call has a time of its own, the last one too: n calls
 * take n times the mean time from one to the next, or until the last answer if
 * that is longer. One call alone has no rate.
 */
export function ratesOf(
  trial: Trial,
  isOpen: boolean,
): Rates | undefined {
  const { ok, seconds, throughput, calls } = trial.summary;
  if (calls < 2 || throughput === undefined) return undefined;
  if (!isOpen) return { answered: throughput };
  const dues = duesOf(trial);
  const span = max(dues) ?? 0;
  if (dues.length < 2 || span === 0) return undefined;
  const asked = (dues.length - 1) / span;
  const answered = ok / Math.max(seconds ?? 0, dues.length / asked);
  return { asked, answered: Math.min(asked, answered) };
}

/**
 * The response times, in seconds, that an ideal client would have measured of a
 * target that freezes. Undefined unless the target is known to count from the
 * trial's first call, and the URL says when it freezes.
 */
export function idealTimes(trial: Trial, loads: Load[]): number[] | undefined {
  const warmup = Number(trial.run?.options.warmup ?? 0);
  if (!freezes(trial) || warmup > 0 || trial.summary.ok === 0) return;
  const wasFirst = trialsOf(loads).every((other) =>
    other === trial || clockOf(other) !== clockOf(trial) ||
    other.rows.at(0)!.timestamp > trial.rows.at(0)!.timestamp
  );
  const stall = stallOf(trial.rows.at(0)!.url);
  if (!wasFirst || !stall) return undefined;
  return callsOf(trial.rows).map(({ due }) => stallDelay(due, stall));
}

/** When and for how long a URL has the target freeze; undefined if incomplete. */
function stallOf(url: string): Stall | undefined {
  const query = URL.parse(url)?.searchParams;
  const names = ["at", "for", "every", "delay"];
  if (!query || !names.every((name) => query.has(name))) return undefined;
  try {
    const [at, length, every, delay] = names
      .map((name) => time(query, name, "0s")) as [
        number,
        number,
        number,
        number,
      ];
    return { at, length, every, delay };
  } catch (error) {
    // A target that can't read it answers 400, and does not freeze.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Which of a target's clocks decides when it freezes. */
function clockOf({ rows }: Trial): string {
  const url = URL.parse(rows.at(0)!.url);
  return `${url?.origin}${url?.pathname} ${url?.searchParams.get("key")}`;
}
