/** The charts that show what two load models see of one server. */
import { extent, max, quantileSorted, ticks } from "d3-array";
import * as Plot from "@observablehq/plot";
import {
  type Chart,
  density,
  dotsOrBins,
  facetLabels,
  facets,
  MAXIMUM_POINTS,
} from "./chart.ts";
import { formatNumber, formatSeconds } from "../format.ts";
import { arrivals, stages } from "../arrivals.ts";
import { stalled } from "../laws.ts";
import type { Rate } from "../pace.ts";
import { time } from "../query.ts";
import { isOk, type Row } from "../rows.ts";
import {
  differ,
  type Figure,
  hostname,
  type Spread,
  spread,
  spreadOf,
} from "./spread.ts";
import { capitalize } from "./style_charts.ts";
import { responseTime } from "../summary.ts";
import { medianTrial, type Trial } from "./trials.ts";

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

const p99: Figure = ({ response }) => response?.p99;

/** Whether the p99 of each model has in it that the server froze. */
export function finding(loads: Load[]): string {
  const open = loads.find(({ isOpen }) => isOpen);
  const closed = loads.find(({ isOpen }) => !isOpen);
  const [of, than] = [open, closed].map((load) =>
    load && spread(load.trials, p99)
  );
  if (!open || !closed || !of || !than) return alone(loads);
  if (!sameServer(loads)) {
    return "No comparison of the p99: the calls went to different servers";
  }
  if (!differ(of, than)) {
    return `No difference shown between ${open.whose} p99 and ${closed.whose}`;
  }
  const [there, here] = [of, than].map(({ median }) => formatSeconds(median));
  const says = isHidden(open, closed)
    ? `The freeze of the server is in ${open.whose} p99 (${there}), and not ` +
      `in ${closed.whose} (${here})`
    : `${capitalize(open.whose)} p99 is ${there}, and ${closed.whose} ${here}`;
  return says + inTrials(of, than) + inDoubt(loads);
}

/**
 * Whether both models met a freeze of a target that is known to, and only the
 * open one's p99 has it.
 */
function isHidden(open: Load, closed: Load): boolean {
  const ratio = ({ trials }: Load, figure: Figure) =>
    spread(trials, (summary) => {
      const [value, p50] = [figure(summary), summary.response?.p50];
      return p50 ? value! / p50 : undefined;
    })!;
  const most: Figure = ({ response }) => response?.max;
  return [...open.trials, ...closed.trials].every(freezes) &&
    ratio(open, p99)?.min > LONG && ratio(closed, p99)?.max <= LONG &&
    ratio(closed, most)?.min > LONG;
}

/** Whether a trial called the target's page that freezes. */
export function freezes({ rows }: Trial): boolean {
  const { url } = rows[0]!;
  return URL.canParse(url) && new URL(url).pathname.startsWith("/stall");
}

function sameServer(loads: Load[]): boolean {
  const hosts = loads.flatMap(({ trials }) =>
    trials.map(({ rows }) => hostname(rows[0]!))
  );
  return new Set(hosts).size === 1;
}

/** What can be said where there is nothing to compare. */
function alone(loads: Load[]): string {
  const [load] = loads;
  const found = load && spread(load.trials, p99);
  if (!found) return "No call was answered";
  return `${capitalize(load.whose)} p99 is ${formatSeconds(found.median)}; ` +
    "there is nothing to compare it with" + inDoubt(loads);
}

function inTrials(...spreads: Spread[]): string {
  const few = spreads.some(({ trials }) => trials === 1);
  return few ? ", in a single trial" : "";
}

function inDoubt(loads: Load[]): string {
  const doubtful = loads.some(({ trials }) =>
    trials.some(({ run }) => run?.doubts?.length)
  );
  return doubtful ? ", of runs that are in doubt" : "";
}

/** A call in seconds since the trial's first call was due. */
interface Call {
  due: number;
  end: number;
  /** From due, and from sent, until the last byte. */
  response: number;
  service: number;
  isOk: boolean;
}

function callsOf({ rows }: Trial): Call[] {
  const dueOf = ({ timestamp, wait = 0 }: Row) =>
    timestamp.getTime() / 1000 - wait;
  const start = rows.reduce((least, row) => Math.min(least, dueOf(row)), 1e99);
  return rows.flatMap((row) => {
    const { elapsed } = row;
    const response = responseTime(row);
    if (elapsed === undefined || response === undefined) return [];
    const due = dueOf(row) - start;
    return {
      due,
      end: due + response,
      response,
      service: elapsed,
      isOk: isOk(row),
    };
  });
}

/** A distribution, as it is drawn. */
interface Curve {
  label: string;
  color: string;
  stroke: Plot.LineYOptions;
  /** In milliseconds. */
  sorted: Float64Array;
}

/** The calls of one trial, by one of their two times. */
interface Series extends Curve {
  calls: Call[];
  /** In milliseconds, one for each call. */
  times: number[];
}

/** Both times of each open trial; those of a closed one hardly differ. */
function seriesOf(loads: Load[]): Series[] {
  return loads.flatMap(({ label, color, isOpen, trials }) => {
    const calls = callsOf(medianTrial(trials));
    const response = calls.map(({ response }) => milliseconds(response));
    const service = calls.map(({ service }) => milliseconds(service));
    const ofResponse = {
      label: `${label}, response time`,
      color,
      stroke: { strokeWidth: 2.25 },
      calls,
      times: response,
      sorted: Float64Array.from(response).sort(),
    };
    const ofService = {
      label: `${label}, service time`,
      color: "var(--ink)",
      stroke: { strokeWidth: 1.25, strokeDasharray: "4 4" },
      calls,
      times: service,
      sorted: Float64Array.from(service).sort(),
    };
    return isOpen ? [ofResponse, ofService] : [ofResponse];
  }).filter(({ calls }) => calls.length > 0);
}

/**
 * What an ideal client would have measured of a target that freezes, if the
 * target counts from the trial's first call; none where nobody knows that.
 */
function idealOf({ label, color, trials }: Load, loads: Load[]): Curve[] {
  const trial = medianTrial(trials);
  const warmup = Number(trial.run?.options.warmup ?? 0);
  const others = loads.flatMap(({ trials }) => trials)
    .filter((other) => other !== trial && freezes(other));
  const isFirst = others.every((other) =>
    clockOf(other) !== clockOf(trial) || startOf(other) > startOf(trial)
  );
  if (!freezes(trial) || !isFirst || warmup > 0) return [];
  const query = new URL(trial.rows[0]!.url).searchParams;
  const seconds = (name: string) => time(query, name, "0s");
  // What a URL leaves out, only the target knows.
  const names = ["at", "for", "every", "delay"];
  if (!names.every((name) => query.has(name))) return [];
  const law = stalled({
    at: seconds("at"),
    length: seconds("for"),
    every: seconds("every"),
    delay: seconds("delay"),
  });
  const times = law.times(callsOf(trial).map(({ due }) => due));
  return [{
    label: `${label}, by the server's law`,
    color,
    stroke: { strokeWidth: 8, strokeOpacity: 0.3 },
    sorted: Float64Array.from(times, milliseconds).sort(),
  }];
}

/** Which of a target's clocks says when it freezes. */
function clockOf({ rows }: Trial): string {
  const { origin, searchParams } = new URL(rows[0]!.url);
  return `${origin} ${searchParams.get("key")}`;
}

function startOf({ rows }: Trial): number {
  return rows[0]!.timestamp.getTime();
}

/** A logarithm needs more than 0; the rows have microseconds. */
function milliseconds(seconds: number): number {
  return Math.max(seconds, 1e-6) * 1000;
}

function at(sorted: Float64Array, share: number): number {
  return quantileSorted(sorted as unknown as number[], share)!;
}

function withP99({ label, sorted }: Curve): string {
  return `${label}: p99 ${formatSeconds(at(sorted, 0.99) / 1000)}`;
}

/** An axis on which a freeze and the time of any other call can be seen. */
function millisecondAxis(curves: Curve[]) {
  const [least = 1, most = 1] = extent(
    curves.flatMap(({ sorted }) => [sorted[0]!, sorted.at(-1)!]),
  );
  const powers = Array.from({ length: 13 }, (_, index) => 10 ** (index - 3));
  const levels = powers.flatMap((power) => [power, 2 * power, 5 * power]);
  const low = levels.findLast((level) => level < least) ?? 0.001;
  // At least a decade, so that no noise looks like a freeze.
  const high = levels.find((level) => level > most && level >= 9 * low) ?? most;
  const inside = (level: number) => level >= low && level <= high;
  const few = powers.filter(inside);
  return {
    type: "log" as const,
    domain: [low, high] as [number, number],
    ticks: few.length > 1 ? few : levels.filter(inside),
    tickFormat: (level: number) =>
      `${Number(level.toPrecision(1)).toLocaleString("en-US")} ms`,
  };
}

/** From due, and from sent, to the end: calls of one trial of each model. */
export function callsInTime(loads: Load[]): Chart {
  const series = seriesOf(loads);
  const points = series.reduce((sum, { calls }) => sum + calls.length, 0);
  const shown = series.map((one) => ({ ...one, label: withP99(one) }));
  const axis = millisecondAxis(series);
  const span = max(series, ({ calls }) => max(calls, ({ due }) => due)) ?? 0;
  const many = points > MAXIMUM_POINTS;
  const marks = many
    ? shown.map((one) => bins(one, span, axis.domain))
    : shown.map((one) => dots(one));
  return {
    name: "calls-in-time",
    title: longCalls(loads),
    sentence:
      "The calls of one trial of each model, the one with the median total " +
      "time. Response time is from due to the last byte, service time from " +
      "sent. A user's call is due the moment the user makes it, so that the " +
      "two are all but the same." + dotsOrBins(points) +
      " The lines are the p99.",
    plot: () => ({
      ...strips(shown.map(({ label }) => label), {
        ...axis,
        ticks: axis.ticks.filter((tick) => tick < axis.domain[1]),
      }),
      x: {
        label: "when the call was due (s)",
        labelArrow: "none",
        domain: [0, span || 1],
        grid: true,
      },
      // The few calls that met a freeze are the point.
      opacity: { ...density, range: [0.35, 1] },
      marks: [
        marks,
        Plot.ruleY(shown, {
          y: ({ sorted }) => at(sorted, 0.99),
          fy: "label",
          strokeDasharray: "5 4",
        }),
        facetLabels(shown.map(({ label }) => label), LABEL_OFFSET),
      ],
    }),
  };
}

const LEFT = 72;
const LABEL_OFFSET = 18 - LEFT;
const COLUMNS = 60;
const LINES = 20;

/** Strips under each other, as high as a curve can be read in. */
function strips(labels: string[], y: Plot.ScaleOptions): Plot.PlotOptions {
  return {
    height: labels.length * 120 + 60,
    marginTop: 24,
    marginBottom: 40,
    marginLeft: LEFT,
    y: { label: null, tickSize: 0, grid: true, ...y },
    fy: facets(labels),
  };
}

function dots({ label, color, calls, times }: Series): Plot.Markish {
  return Plot.dot(calls, {
    x: "due",
    y: times,
    fy: () => label,
    fill: color,
    fillOpacity: 0.6,
    r: 2,
  });
}

/** Counted here: Plot has no bins of a logarithm, and would copy each row. */
function bins(
  { label, color, calls, times }: Series,
  span: number,
  domain: [number, number],
): Plot.Markish {
  const [low, high] = domain.map(Math.log) as [number, number];
  const counts = new Map<number, number>();
  const place = (share: number, parts: number) =>
    Math.min(parts - 1, Math.max(0, Math.floor(share * parts)));
  calls.forEach(({ due }, index) => {
    const share = (Math.log(times[index]!) - low) / (high - low);
    const bin = place(due / span, COLUMNS) * LINES + place(share, LINES);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  });
  const level = (line: number) => Math.exp(low + line / LINES * (high - low));
  const filled = Array.from(counts, ([bin, count]) => {
    const [column, line] = [Math.floor(bin / LINES), bin % LINES];
    const [x1, x2] = [column, column + 1].map((x) => x / COLUMNS * span);
    return { x1, x2, y1: level(line), y2: level(line + 1), count };
  });
  return Plot.rect(filled, {
    x1: "x1",
    x2: "x2",
    y1: "y1",
    y2: "y2",
    fy: () => label,
    fill: color,
    fillOpacity: "count",
    inset: 0,
  });
}

/** How many calls of each model took long. */
function longCalls(loads: Load[]): string {
  const shares = loads.flatMap((load) => {
    const found = spreadOf(load.trials.flatMap((trial) => {
      const times = trial.rows.flatMap((row) => responseTime(row) ?? []);
      const { p50 } = trial.summary.response ?? {};
      if (p50 === undefined) return [];
      const long = times.filter((time) => time > LONG * p50);
      return [long.length / times.length];
    }));
    return found ? [{ ...load, ...found }] : [];
  });
  const [one, other] = shares;
  if (!one) return "No call was answered";
  const what = `more than ${LONG} times the median`;
  if (shares.every((share) => share.max === 0)) return `No call took ${what}`;
  const percent = (share: Spread) => `${formatNumber(share.median * 100)} %`;
  const says = `${percent(one)} of ${one.whose} calls took ${what}`;
  if (!other) return says;
  if (!differ(one, other)) {
    return `No difference shown between ${one.whose} calls and ` +
      `${other.whose} in how many took ${what}`;
  }
  return `${says}, and ${percent(other)} of ${other.whose}` +
    inTrials(one, other);
}

const QUANTILES = 200;

/** The time that a share of the calls did not exceed. */
export function percentileCurve(loads: Load[]): Chart {
  const series = seriesOf(loads);
  const ideal = series.length > 0
    ? loads.filter(({ isOpen }) => isOpen)
      .flatMap((load) => idealOf(load, loads))
    : [];
  const curves = [...ideal, ...series]
    .map((curve) => ({ ...curve, points: quantiles(curve.sorted) }));
  const most = Math.max(10, max(series, ({ calls }) => calls.length) ?? 0);
  return {
    name: "percentiles",
    title: finding(loads),
    sentence:
      "How long a call took at most, for each share of the calls of the same " +
      "trials, from due to the last byte; for the thin dashed line from " +
      "sent. From 90 % on, each label leaves a tenth as many calls above it " +
      "as the one before, and a line ends where it leaves one." +
      (ideal.length > 0
        ? " The broad line is what the server's law makes of the attack's " +
          "due times, if its clock began with the first of them."
        : ""),
    plot: (width) => ({
      height: 300 + curves.length * LEGEND_LINE,
      marginTop: 12 + curves.length * LEGEND_LINE,
      marginBottom: 40,
      marginLeft: LEFT,
      marginRight: RIGHT,
      // Not Plot's logarithm, which leaves out labels between powers of ten.
      x: {
        domain: [0, Math.log10(most)],
        label: "percentile",
        labelArrow: "none",
        grid: true,
        ticks: percentileTicks(most, width - LEFT - RIGHT).map(Math.log10),
        tickFormat: (decades: number) => percentileLabel(10 ** decades),
      },
      y: { label: null, tickSize: 0, grid: true, ...millisecondAxis(curves) },
      marks: [
        curves.map(({ points, color, stroke }) =>
          Plot.lineY(points, {
            x: "decades",
            y: "time",
            stroke: color,
            ...stroke,
          })
        ),
        curves.map((curve, index) => legend(curve, curves.length - index)),
      ],
    }),
  };
}

const line: Plot.VectorShape = {
  draw(path, length) {
    path.moveTo(0, 0);
    path.lineTo(0, -length);
  },
};

/** A curve's line and its name, so many lines above the frame. */
function legend(curve: Curve, lines: number): Plot.Markish[] {
  const { color, stroke } = curve;
  const dy = -8 - (lines - 1) * LEGEND_LINE;
  const place = { frameAnchor: "top-left", dy } as const;
  return [
    Plot.vector([0], {
      ...place,
      ...stroke,
      dx: LABEL_OFFSET,
      dy: dy - 5,
      length: 24,
      rotate: 90,
      anchor: "start",
      shape: line,
      stroke: color,
    }),
    Plot.text([withP99(curve)], {
      ...place,
      dx: LABEL_OFFSET + 32,
      lineAnchor: "bottom",
    }),
  ];
}

const LEGEND_LINE = 18;
const RIGHT = 34;
/** The width of a letter, in pixels. */
const LETTER = 7;

/**
 * Points of a percentile curve, of ascending times. Of `decades` n, one in 10^n
 * calls takes longer: n is log10(1 / (1 - p)).
 */
export function quantiles(sorted: Float64Array) {
  const parts = Math.min(QUANTILES, sorted.length);
  return Array.from({ length: parts }, (_, index) => {
    const share = index / Math.max(1, parts - 1);
    const decades = share * Math.log10(sorted.length);
    return { decades, time: at(sorted, 1 - 10 ** -decades) };
  });
}

/** Those whose labels have room beside each other, from the right. */
function percentileTicks(most: number, width: number): number[] {
  let free = Infinity;
  return [1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 2, 1].filter((tick) => {
    const middle = Math.log(tick) / Math.log(most) * width;
    const half = percentileLabel(tick).length * LETTER / 2;
    if (tick > most || middle + half > free) return false;
    free = middle - half - LETTER;
    return true;
  });
}

/** As in `99.9 %`, if one call of `of` takes longer. */
function percentileLabel(of: number): string {
  if (of === 1) return "0";
  return `${Number((100 - 100 / of).toPrecision(8))} %`;
}

const RATE_BINS = 50;

/** Calls that were due, and those that were answered OK, per second. */
export function ratesInTime(loads: Load[]): Chart {
  const shown = loads.map(({ label, color, isOpen, trials }) => {
    const trial = medianTrial(trials);
    const calls = callsOf(trial);
    const achieved = `${perSecond(trial.summary.throughput)} achieved`;
    return {
      label: isOpen
        ? `${label}: ${perSecond(askedFor(trial))} asked for, ${achieved}`
        : `${label}: ${achieved}`,
      color,
      calls,
      dues: isOpen ? duesOf(trial) : [],
    };
  });
  const end = max(shown, ({ calls }) => max(calls, ({ end }) => end)) || 1;
  const width = end / RATE_BINS;
  const all = shown.map(({ calls, dues, ...load }) => ({
    ...load,
    answered: ratesOf(
      calls.filter(({ isOk }) => isOk).map(({ end }) => end),
      width,
    ),
    asked: dues.length > 0 ? ratesOf(dues, width) : [],
  }));
  const top = 1.05 *
      max(
        all,
        ({ answered, asked }) =>
          max([...answered, ...asked], ({ rate }) => rate),
      )! || 1;
  const labels = shown.map(({ label }) => label);
  return {
    name: "rates-in-time",
    title: ratesTitle(loads),
    sentence:
      `The same trials, in steps of ${formatSeconds(width)}. The area is how ` +
      "many calls were answered OK, by when their last byte came; the dashed " +
      "line is how many were due. Nobody asks users for a rate: theirs " +
      "follows from how fast they are answered.",
    plot: () => ({
      ...strips(labels, {
        domain: [0, top],
        ticks: ticks(0, top, 4).filter((tick) => tick < 0.9 * top),
        tickFormat: (rate: number) => `${rate.toLocaleString("en-US")}/s`,
      }),
      x: {
        label: "time since the first call was due (s)",
        labelArrow: "none",
        domain: [0, end],
        grid: true,
      },
      marks: [
        all.map(({ label, color, answered, asked }) => [
          Plot.areaY(answered, {
            ...steps(label),
            fill: color,
            fillOpacity: 0.35,
          }),
          Plot.lineY(answered, {
            ...steps(label),
            stroke: color,
            strokeWidth: 1.5,
          }),
          Plot.lineY(asked, { ...steps(label), strokeDasharray: "5 4" }),
        ]),
        facetLabels(labels, LABEL_OFFSET),
      ],
    }),
  };
}

function steps(label: string) {
  return {
    x: "time",
    y: "rate",
    fy: () => label,
    curve: "step-after" as const,
  };
}

/** How many of the times are in each bin, per second; back at 0 after them. */
export function ratesOf(times: number[], width: number) {
  const counts = new Array<number>(RATE_BINS + 1).fill(0);
  for (const time of times) {
    counts[Math.min(RATE_BINS - 1, Math.floor(time / width))]! += 1;
  }
  return counts.map((count, bin) => (
    { time: bin * width, rate: count / width }
  ));
}

/** When calls were due, those that were not sent among them. */
function duesOf(trial: Trial): number[] {
  const { rate, duration, ramp } = trial.run?.options ?? {};
  const isTold = Array.isArray(rate) && Number(duration) > 0;
  if (!isTold) return callsOf(trial).map(({ due }) => due);
  const steps = (rate as Rate[]).map((rate) => rate?.limit / rate?.per);
  const { total, due } = arrivals(
    stages(steps, Number(duration), Number(ramp ?? 0)),
  );
  // Nobody edits that file; if somebody did, the rows know better.
  return total === trial.summary.calls
    ? Array.from({ length: total }, (_, n) => due(n))
    : callsOf(trial).map(({ due }) => due);
}

/** Calls that were due, per second from the first to the last of them. */
function askedFor(trial: Trial): number | undefined {
  const dues = duesOf(trial);
  const span = max(dues) ?? 0;
  return span > 0 ? (dues.length - 1) / span : undefined;
}

function ratesTitle(loads: Load[]): string {
  const parts = loads.map(({ label, isOpen, trials }) => {
    const asked = spreadOf(trials.flatMap((trial) => askedFor(trial) ?? []));
    const achieved = spread(trials, ({ throughput }) => throughput)!;
    const rate = formatNumber(achieved.median);
    return isOpen && asked
      ? `of the ${formatNumber(asked.median)} calls a second that the ` +
        `${label} asked for, ${rate} were answered OK`
      : `the ${label} had ${rate} a second answered`;
  });
  return capitalize(parts.join("; "));
}

function perSecond(rate: number | undefined): string {
  return `${formatNumber(rate)}/s`;
}
