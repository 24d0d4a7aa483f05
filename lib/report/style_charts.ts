/** The charts that show styles side by side. */
import { max, sum } from "d3-array";
import * as Plot from "@observablehq/plot";
import { callsOf } from "./calls.ts";
import {
  axis,
  type Chart,
  density,
  dotsOrBins,
  facetLabels,
  facets,
} from "./chart.ts";
import { MAXIMUM_POINTS, strips } from "./chart.ts";
import { capitalize, formatNumber, formatSeconds } from "../format.ts";
import { apart, contrast, times } from "./contrast.ts";
import { percent, plusMinus, spread } from "./spread.ts";
import type { Summary } from "../summary.ts";
import { medianTrial, type Trial } from "../trials/trials.ts";

export interface Style {
  label: string;
  color: string;
  /** At least one. */
  trials: Trial[];
}

/** A line for each call of one trial, from being due until its end. */
export function everyCall(styles: Style[], name = "every-call"): Chart {
  const labels = styles.map(({ label }) => label);
  const calls = styles.flatMap(({ label, color, trials }) =>
    callsOf(medianTrial(trials).rows).toSorted((a, b) => a.sent - b.sent)
      .map((call, order) => ({ label, color, order, ...call }))
  );
  const many = calls.length > MAXIMUM_POINTS;
  const place = { y: "order", fy: "label" };
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
  const bins = () =>
    Plot.rect(
      calls,
      Plot.bin({ fillOpacity: "count" }, {
        ...place,
        x: { value: "end", thresholds: 60 },
        y: { value: "order", thresholds: 30 },
        inset: 0,
        fill: "color",
      } as object),
    );
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
    }),
  };
}

/** Each call's elapsed time, in one trial of each style. */
export function elapsed(styles: Style[]): Chart {
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
      dotsOrBins(sum(styles, ({ trials }) => medianTrial(trials).rows.length)) +
      " The lines are the median (p50) and the 95th percentile of that trial; " +
      "the title is about the means of all trials' medians.",
    plot: () =>
      strips(
        styles.map(({ label, color, trials }) => {
          const { rows, summary: { elapsed } } = medianTrial(trials);
          const { p50, p95 } = elapsed ?? {};
          return {
            label: `${label}: p50 ${formatSeconds(p50)}, ` +
              `p95 ${formatSeconds(p95)}`,
            color,
            values: milliseconds(rows.map((row) => row.elapsed)),
            lines: milliseconds([p50, p95]),
          };
        }),
        "elapsed (ms)",
      ),
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
      strips(
        styles.map(({ label, color, trials }) => {
          const best = spread(trials, ({ optimum }) => optimum);
          const measured = spread(trials, ({ seconds }) => seconds)!;
          return {
            label: `${label}: ${plusMinus(measured, formatSeconds)}`,
            color,
            values: measured.values,
            lines: best && [best.value],
            mean: measured,
          };
        }),
        "total time (s)",
      ),
  };
}

/** How much longer than its optimum each trial took. */
export function overOptimum(styles: Style[]): Chart {
  const excess = ({ efficiency }: Summary) =>
    efficiency && (1 / efficiency - 1) * 100;
  const worst = max(
    styles.flatMap(({ trials }) => spread(trials, excess)?.values ?? []),
  );
  return {
    name: "over-optimum",
    title: worst !== undefined && worst < 0
      ? "All trials took less than the least time that was possible, so that " +
        "the server's times or the styles' rules are not those of these calls"
      : worst !== undefined
      ? `No trial took more than ${formatNumber(worst)} % longer than ` +
        "the least time that was possible"
      : "The server did not say how long it took, so nobody knows the optimum",
    sentence:
      "Each dot is a trial: how much longer it took than its optimum, " +
      "which is at 0; below are their mean and its 95 % interval.",
    plot: () =>
      strips(
        styles.map(({ label, color, trials }) => {
          const mean = spread(trials, excess);
          const text = mean ? plusMinus(mean, percent) : "-";
          const values = mean?.values ?? [];
          return { label: `${label}: ${text}`, color, values, mean };
        }),
        "longer than the optimum (%)",
      ),
  };
}

/** Without what was not measured. */
export function milliseconds(seconds: (number | undefined)[]): number[] {
  return seconds.filter((value) => value !== undefined)
    .map((value) => value * 1000);
}
