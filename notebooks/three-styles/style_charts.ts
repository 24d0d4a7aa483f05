/** The charts that show styles side by side. */
import { max, range, sum } from "d3-array";
import * as Plot from "@observablehq/plot";
import { whyNoClaim } from "../kit/comparison/mod.ts";
import {
  apart,
  axis,
  callsOf,
  type CallTimes,
  callTimesOf,
  capitalize,
  type Chart,
  contrast,
  countCells,
  density,
  dotsOrBins,
  facetLabels,
  facets,
  formatClosely,
  idOf,
  impossible,
  leftOut,
  limitsOf,
  MAXIMUM_POINTS,
  outcomeOf,
  percent,
  spread,
  type Strip,
  strips,
  times,
  tip,
  trialStrips,
} from "../kit/mod.ts";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import type { Summary } from "../../lib/summary.ts";
import { medianTrial, type Trial } from "../kit/trials/mod.ts";

interface Style {
  label: string;
  color: string;
  /** At least one. */
  trials: Trial[];
}

/** A line for each call of one trial, from being due until its end. */
export function everyCall(styles: Style[], name = "every-call"): Chart {
  const labels = styles.map(({ label }) => label);
  const drawn = styles.map(({ label, color, trials }) => {
    const { rows, summary } = medianTrial(trials);
    return { label, color, rows, summary, times: callTimesOf(rows) };
  });
  const many = sum(drawn, ({ times }) => times.end.length) > MAXIMUM_POINTS;
  const calls = many
    ? []
    : drawn.flatMap(({ label, color, rows }) =>
      callsOf(rows).toSorted((a, b) => a.sent - b.sent)
        .map((call, order) => ({
          label,
          color,
          order,
          id: idOf(call.row),
          waited: 1000 * (call.row.wait ?? 0),
          took: 1000 * call.service,
          outcome: outcomeOf(call.row),
          ...call,
        }))
    );
  const styleOf = ({ label }: { label: string }) => label;
  const place = {
    y: "order",
    fy: "label",
    ...tip(
      styleOf,
      "call {id}: waited {waited} ms, took {took} ms, ended at {end} s, {outcome}",
    ),
  };
  const dots = () => [
    Plot.ruleY(calls, {
      ...place,
      x1: "due",
      x2: "sent",
      stroke: "color",
      strokeOpacity: 0.3,
    }),
    Plot.ruleY(calls, {
      ...place,
      x1: "sent",
      x2: "end",
      stroke: "color",
      strokeWidth: 1.5,
    }),
    Plot.dot(calls, { ...place, x: "end", fill: "color", r: 1.8 }),
  ];
  const cells = many ? cellsOf(drawn) : [];
  const bins = () =>
    Plot.rect(cells, {
      ...{ x1: "x1", x2: "x2", y1: "y1", y2: "y2", fy: "label" },
      fill: "color",
      fillOpacity: "count",
      ...tip(styleOf, "{count} calls ended from {x1} to {x2} s"),
    });
  return {
    name,
    title: contrast(
      styles,
      ({ wait }) => wait?.max,
      "how long the last call waits until it is sent",
      (low, high, { difference }) =>
        `The last call waits ${apart(difference!, formatSeconds)} longer ` +
        `until it is sent in ${high.label} than in ${low.label} (95 %)`,
    ),
    sentence: many
      ? "The ends of all calls of one trial of each style, the one with the " +
        "median total time, from the first call that was sent, at the top, to " +
        "the last; the darker, the more calls end there."
      : "Each line is a call in one trial of each style, the one with the " +
        "median total time: thin while it waits, thick while it is under way, " +
        "with a dot where it ends.",
    plot: () => ({
      height: styles.length * 120 + 60,
      x: axis("time since the first call was due (s)", {
        zero: true,
        nice: true,
      }),
      y: { axis: null, reverse: true },
      opacity: density,
      fy: facets(labels),
      marks: [many ? bins() : dots(), facetLabels(labels)],
      table: () => ({
        heading: ["Style", "Calls", ...callTimes],
        rows: drawn.map(({ label, summary, times }) => [
          label,
          String(times.end.length),
          ...figuresOf(summary, times),
        ]),
      }),
    }),
  };
}

interface Drawn {
  label: string;
  color: string;
  times: CallTimes;
}

/** How many calls of each style end where, from the first one sent to the last. */
function cellsOf(drawn: Drawn[]) {
  const orders = drawn.map(({ times }) => range(times.end.length));
  const across = limitsOf(drawn.map(({ times }) => times.end), 60);
  const down = limitsOf(orders, 30);
  return drawn.flatMap(({ label, color, times: { end } }, at) =>
    countCells(end, orders[at]!, across, down)
      .map((cell) => ({ label, color, ...cell }))
  );
}

const callTimes = [
  "Median wait (ms)",
  "Longest wait (ms)",
  "Median time (ms)",
  "Last sent (s)",
  "Last end (s)",
];

/** What is to be seen of a trial's calls, in the units of the tips. */
function figuresOf({ wait, elapsed }: Summary, times: CallTimes): string[] {
  const milliseconds = [wait?.p50, wait?.max, elapsed?.p50]
    .map((value) => value && 1000 * value);
  return [...milliseconds, max(times.sent), max(times.end)].map(formatClosely);
}

/** Each call's elapsed time, in one trial of each style. */
export function elapsed(styles: Style[]): Chart {
  const calls = sum(styles, ({ trials }) => medianTrial(trials).rows.length);
  const drawn = styles.map((style) => elapsedOf(style, calls > MAXIMUM_POINTS));
  return {
    name: "elapsed",
    title: contrast(
      styles,
      ({ elapsed }) => elapsed?.p50,
      "how long the median call takes, once it is sent",
      (low, high, { difference }) =>
        `Once it is sent, the median call takes ` +
        `${apart(difference!, formatSeconds)} longer in ${high.label} than ` +
        `in ${low.label} (95 %)`,
    ),
    sentence: "The calls of the same trials, each from sent to the last byte." +
      dotsOrBins(sum(drawn, ({ values }) => values.length)) +
      " The lines are the median (p50) and the 95th percentile of that trial; " +
      "the title is about the means of all trials' medians.",
    plot: () => strips(drawn, "elapsed (ms)", "call"),
  };
}

/** With `many` calls there are bins, and no outcomes or numbers. */
function elapsedOf({ label, color, trials }: Style, many: boolean): Strip {
  const { rows, summary: { elapsed } } = medianTrial(trials);
  const { p50, p95 } = elapsed ?? {};
  const ended = many || !elapsed
    ? []
    : rows.filter(({ elapsed }) => elapsed !== undefined);
  return {
    name: label,
    label: `${label}: p50 ${formatSeconds(p50)}, p95 ${formatSeconds(p95)}`,
    color,
    values: many
      ? callTimesOf(rows).service.map((time) => time * 1000)
      : milliseconds(ended.map((row) => row.elapsed)),
    of: ended.map(idOf),
    notes: ended.map(outcomeOf),
    lines: milliseconds([p50, p95]),
  };
}

/** The total time of each trial, and the optimum of each style. */
export function total(styles: Style[]): Chart {
  return {
    name: "total",
    title: contrast(
      styles,
      ({ seconds }) => seconds,
      "total time",
      (low, high, found) => {
        const [ratio, sure] = times(found);
        return `${capitalize(low.label)} is ${ratio} as fast as ` +
          high.label + sure;
      },
    ),
    sentence:
      "Each dot is a trial, from the first call being due to the last " +
      "one's end; below are their mean and its 95 % interval. The line " +
      "across the dots is the optimum, the least that any client could need " +
      "under the style's rule.",
    plot: () =>
      trialStrips(
        styles,
        ({ seconds }) => seconds,
        formatSeconds,
        "total time (s)",
        {
          lineOf: ({ trials }) =>
            spread(trials, ({ optimum }) => optimum)?.value,
        },
      ),
  };
}

/** How much longer than its optimum each trial took. */
export function overOptimum(styles: Style[]): Chart {
  const excess = ({ efficiency }: Summary) =>
    efficiency && (1 / efficiency - 1) * 100;
  const over = styles
    .flatMap(({ trials }) => spread(trials, excess)?.values ?? []);
  const all = sum(styles, ({ trials }) => trials.length);
  const which = over.length < all
    ? `trial of the ${over.length} here`
    : "trial";
  const left = leftOut(
    styles,
    ({ summary }) => excess(summary),
    (summary) =>
      impossible(summary) ??
        (summary.errors.timeout
          ? "a call timed out"
          : "a call has no server time"),
  );
  const lost = whyNoClaim(styles);
  return {
    name: "over-optimum",
    title: lost
      ? `Nothing can be said of the least time that was possible: ${lost}`
      : over.length > 0
      ? `No ${which} took more than ${formatNumber(max(over))} % longer than ` +
        `the least time that was possible${left}`
      : leftOut(styles, () => undefined, impossible)
      ? `The optimum is not known${left}`
      : "The server did not say how long it took, so nobody knows the optimum",
    sentence:
      "Each dot is a trial: how much longer it took than its optimum, " +
      "which is at 0; below are their mean and its 95 % interval.",
    plot: () =>
      trialStrips(styles, excess, percent, "longer than the optimum (%)"),
  };
}

/** Without what was not measured. */
export function milliseconds(seconds: (number | undefined)[]): number[] {
  return seconds.filter((value) => value !== undefined)
    .map((value) => value * 1000);
}
