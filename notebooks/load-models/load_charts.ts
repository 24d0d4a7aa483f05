/** The charts that show what two load models see of one server. */
import { max, median, range, sum, ticks } from "d3-array";
import * as Plot from "@observablehq/plot";
import {
  area,
  axis,
  callsOf,
  type Chart,
  density,
  dotsOrBins,
  facetLabels,
  facets,
  formatClosely,
  line,
  MAXIMUM_POINTS,
  percentile,
  percentileAxis,
  plusMinus,
  quantiles,
  summaryHeading,
  summaryOf,
  tickLabel,
  tip,
} from "../kit/mod.ts";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import {
  duesOf,
  finding,
  type Load,
  longCalls,
  ratesAnswered,
  ratesOf,
} from "./loads.ts";
import {
  type Curve,
  drawnP99,
  idealOf,
  millisecondAxis,
  type Series,
  seriesOf,
  withP99,
} from "./load_series.ts";
import { medianTrial } from "../kit/trials/mod.ts";

const LEFT = 72;
const RIGHT = 34;
const LABEL_OFFSET = 18 - LEFT;

/** Strips under each other, as high as a curve can be read in. */
function strips(labels: string[], y: Plot.ScaleOptions) {
  return {
    height: labels.length * 120 + 60,
    marginLeft: LEFT,
    y: { label: null, tickSize: 0, grid: true, ...y },
    fy: facets(labels),
  };
}

/** From due, and from sent, to the end: calls of one trial of each model. */
export function callsInTime(loads: Load[]): Chart {
  const series = seriesOf(loads)
    .map((one) => ({ ...one, series: one.label, label: withP99(one) }));
  const labels = series.map(({ label }) => label);
  const count = sum(series, ({ points }) => points.length);
  const span = max(series, ({ points }) => max(points, ({ due }) => due)) || 1;
  const { domain, ...scale } = millisecondAxis(series);
  const drawn = count > MAXIMUM_POINTS
    ? series.map((one) => bins(one, span, domain))
    : series.map(dots);
  const p99s = series
    .map(({ series, ...one }) => (
      { series, label: one.label, ...drawnP99(one, domain) }
    ));
  return {
    name: "calls-in-time",
    title: longCalls(loads),
    sentence: "The calls of the same trials, those with the median total " +
      "time. Response time is from due to the last byte, service time from " +
      "sent. A user's call is due the moment the user makes it, so that the " +
      "two are all but the same." + dotsOrBins(count) +
      " The dashed line is the p99, as a mean over all trials, and the band " +
      "its 95 % interval.",
    plot: () => ({
      ...strips(labels, {
        ...scale,
        domain,
        ticks: scale.ticks.filter((tick) => tick < domain[1]),
      }),
      x: axis("when the call was due (s)", { domain: [0, span] }),
      // The few calls that met a freeze are the point.
      opacity: { ...density, range: [0.35, 1] },
      marks: [
        drawn,
        Plot.rect(p99s.filter(({ from, to }) => from! < to!), {
          x1: 0,
          x2: span,
          y1: "from",
          y2: "to",
          fy: "label",
          fillOpacity: 0.15,
          ...tip(seriesName),
        }),
        Plot.ruleY(p99s, {
          ...{ y: "at", fy: "label", strokeDasharray: "5 4" },
          ...tip(seriesName, p99Tip),
        }),
        facetLabels(labels, LABEL_OFFSET),
      ],
      table: () => ({
        heading: ["Time (ms)", ...summaryHeading, "p99 over all trials"],
        rows: series.map((one) => [
          one.series,
          ...summaryOf([...one.sorted]),
          plusMinus(one.p99, formatSeconds),
        ]),
      }),
    }),
  };
}

const seriesName = ({ series }: { series: string }) => series;
const p99Tip = "p99 over all trials: {at} ms, 95 %: {from} to {to}";

function dots(
  { series, label, color, points }: Series & { series: string },
): Plot.Markish {
  return Plot.dot(points, {
    x: "due",
    y: "time",
    fy: () => label,
    fill: color,
    fillOpacity: 0.6,
    r: 2,
    ...tip(series, "call {id}, due at {due} s: {time} ms, {outcome}"),
  });
}

const COLUMNS = 60;
const LINES = 20;

/** How many points are in each bin, of which those of the times grow. */
export function bins(
  { series, label, color, points }: {
    series: string;
    label: string;
    color: string;
    points: { due: number; time: number }[];
  },
  span: number,
  [low, high]: [number, number],
): Plot.Markish {
  // Plot has no bins of a logarithm, and none that ends with its last value.
  const last = span * (1 - Number.EPSILON);
  return Plot.rect(
    points,
    Plot.bin({ fillOpacity: "count" }, {
      x: {
        value: ({ due }: { due: number }) => Math.min(due, last),
        thresholds: range(COLUMNS + 1).map((n) => n / COLUMNS * span),
      },
      y: {
        value: "time",
        thresholds: range(LINES + 1)
          .map((n) => low * (high / low) ** (n / LINES)),
      },
      fy: () => label,
      fill: color,
      inset: 0,
      ...tip(series, "{count} due from {x1} to {x2} s: {y1} to {y2} ms"),
    } as object),
  );
}

/** The time that a share of the calls did not exceed. */
export function percentileCurve(loads: Load[]): Chart {
  const series = seriesOf(loads);
  const ideal = loads.filter(({ isOpen }) => isOpen)
    .flatMap((load) => idealOf(load, loads));
  const curves = [...ideal, ...series]
    .filter(({ sorted }) => sorted.length > 0);
  const most = max([10, ...series.map(({ points }) => points.length)])!;
  const legend = curves.length * LEGEND_LINE;
  const { domain, ...scale } = millisecondAxis(curves);
  const p99s = most < 100
    ? []
    : series.filter(({ name }) => name === "response")
      .map(({ label, color, ...one }) => (
        { series: label, color, ...drawnP99(one, domain) }
      ));
  return {
    name: "percentiles",
    title: finding(loads),
    sentence:
      "How long a call took at most, for each share of the calls of one trial " +
      "of each model, from due to the last byte; for the thin dashed line from " +
      "sent. From 90 % on, each label leaves a tenth as many calls above it " +
      "as the one before, and a line ends where it leaves one. The points at " +
      "99 % are means over all trials, on their 95 % intervals." +
      (ideal.length > 0
        ? " The broad line is what the server's law makes of the attack's " +
          "due times, if its clock began with the first of them."
        : ""),
    plot: (width) => ({
      height: 300 + legend,
      marginTop: 12 + legend,
      marginLeft: LEFT,
      marginRight: RIGHT,
      x: percentileAxis(most, width - LEFT - RIGHT),
      y: { label: null, tickSize: 0, grid: true, domain, ...scale },
      marks: [
        curves.map(({ label, sorted, color, stroke }) =>
          Plot.lineY(quantiles(sorted), {
            x: "decades",
            y: "time",
            stroke: color,
            ...stroke,
            ...tip(label, "{percent} % took at most {time} ms"),
          })
        ),
        Plot.ruleX(p99s, {
          x: P99,
          y1: "from",
          y2: "to",
          stroke: "color",
          strokeWidth: 3,
          ...tip(seriesName, p99Tip),
        }),
        Plot.dot(p99s, {
          x: P99,
          y: "at",
          fill: "color",
          stroke: "var(--paper)",
          r: 5,
          ...tip(seriesName, p99Tip),
        }),
        curves.map((curve, index) => legendLine(curve, curves.length - index)),
      ],
      table: () => ({
        heading: [
          "At most (ms)",
          ...shares.map((share) => `${formatClosely(100 * share)} %`),
        ],
        rows: curves.map(({ label, sorted }) => [
          label,
          ...shares.map((share) => formatClosely(percentile(sorted, share))),
        ]),
      }),
    }),
  };
}

/** Those that the table has. */
const shares = [0, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

/** Of a hundred calls one takes longer. */
const P99 = () => Math.log10(100);

const LEGEND_LINE = 18;

/** A curve's line and its name, in a line of text above the frame. */
function legendLine(curve: Curve, lines: number): Plot.Markish[] {
  const dy = -8 - (lines - 1) * LEGEND_LINE;
  const place = { frameAnchor: "top-left", dy } as const;
  return [
    Plot.vector([0], {
      ...place,
      ...curve.stroke,
      dx: LABEL_OFFSET,
      dy: dy - 5,
      length: 24,
      rotate: 90,
      anchor: "start",
      shape: line,
      stroke: curve.color,
      ...tip(curve.label),
    }),
    Plot.text([withP99(curve)], {
      ...place,
      dx: LABEL_OFFSET + 32,
      lineAnchor: "bottom",
      ...tip(curve.label),
    }),
  ];
}

/** Calls that were due, and those that were answered OK, per second. */
export function ratesInTime(loads: Load[]): Chart {
  const trials = loads.map((load) => {
    const trial = medianTrial(load.trials);
    return { ...load, trial, calls: callsOf(trial.rows) };
  });
  const end = max(trials, ({ calls }) => max(calls, ({ end }) => end)) || 1;
  const width = end / RATE_BINS;
  const shown = trials.map(({ label, color, isOpen, trial, calls }) => {
    const rates = ratesOf(trial, isOpen);
    const said = [
      rates?.asked && `${perSecond(rates.asked)} asked for`,
      rates && `${perSecond(rates.answered)} answered OK`,
    ].filter(Boolean).join(", ");
    const ends = calls.filter(({ isOk }) => isOk).map(({ end }) => end);
    return {
      series: label,
      label: said ? `${label}: ${said}` : label,
      color,
      answered: binned(ends, width),
      asked: isOpen ? binned(duesOf(trial), width) : [],
    };
  });
  const labels = shown.map(({ label }) => label);
  const all = shown.flatMap(({ answered, asked }) => [...answered, ...asked]);
  const top = 1.05 * max(all, ({ rate }) => rate)! || 1;
  return {
    name: "rates-in-time",
    title: ratesAnswered(loads),
    sentence:
      `The same trials, in steps of ${formatSeconds(width)}. The area is how ` +
      "many calls were answered OK, by when their last byte came; the dashed " +
      "line is how many were due. Nobody asks users for a rate: theirs " +
      "follows from how fast they are answered.",
    plot: () => ({
      ...strips(labels, {
        domain: [0, top],
        ticks: ticks(0, top, 4).filter((tick) => tick < 0.9 * top),
        tickFormat: (rate: number, index: number, all?: number[]) =>
          `${tickLabel(rate, index, all)}/s`,
      }),
      x: axis("time since the first call was due (s)", { domain: [0, end] }),
      marks: [
        shown.map(({ series, label, color, answered, asked }) => {
          const place = {
            x: "time",
            y: "rate",
            fy: () => label,
            curve: "step-after",
          } as const;
          return [
            area(answered, color, {
              ...place,
              ...tip(series, "from {time} s: {rate} a second answered OK"),
            }),
            Plot.lineY(asked, {
              ...{ ...place, strokeDasharray: "5 4" },
              ...tip(series, "from {time} s: {rate} a second due"),
            }),
          ];
        }),
        facetLabels(labels, LABEL_OFFSET),
      ],
      table: () => ({
        heading: [
          ...["Per second", "Most due", "Median answered OK"],
          ...["Most answered OK", `Steps of ${formatSeconds(width)} without`],
        ],
        rows: shown.map(({ series, asked, answered }) => {
          // The last is where the curve goes down to.
          const rates = answered.slice(0, -1).map(({ rate }) => rate);
          return [
            series,
            ...[max(asked, ({ rate }) => rate), median(rates), max(rates)]
              .map(formatClosely),
            String(rates.filter((rate) => rate === 0).length),
          ];
        }),
      }),
    }),
  };
}

const RATE_BINS = 50;

/** How many of the times are in each bin, per second; back at 0 after them. */
export function binned(times: number[], width: number) {
  const counts = new Array<number>(RATE_BINS + 1).fill(0);
  for (const time of times) {
    counts[Math.min(RATE_BINS - 1, Math.floor(time / width))]! += 1;
  }
  return counts.map((count, bin) => (
    { time: bin * width, rate: count / width }
  ));
}

function perSecond(rate: number): string {
  return `${formatNumber(rate)}/s`;
}
