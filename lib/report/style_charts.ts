/** The charts that show styles side by side. */
import { greatest, sum } from "d3-array";
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
import { contrast, spread } from "./spread.ts";
import type { Summary } from "../summary.ts";
import { medianTrial, type Trial } from "./trials.ts";

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
      (low, high) =>
        `The last call waits ${formatSeconds(high.median)} until it is sent ` +
        `in ${high.label}, ${formatSeconds(low.median)} in ${low.label}`,
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
      (low, high) =>
        `Once it is sent, the median call takes ` +
        `${formatSeconds(low.median)} in ${low.label} and ` +
        `${formatSeconds(high.median)} in ${high.label}`,
    ),
    sentence: "The calls of the same trials, each from sent to the last byte." +
      dotsOrBins(sum(styles, ({ trials }) => medianTrial(trials).rows.length)) +
      " The lines are the median (p50) and the 95th percentile of that trial; " +
      "the title has medians over all trials.",
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
      (low, high) => {
        const ratio = formatNumber(high.median / low.median);
        return `${capitalize(low.label)} is ${ratio} times as fast as ` +
          high.label;
      },
    ),
    sentence:
      "Each dot is a trial, from the first call being due to the last " +
      "one's end; the line is the optimum, the least that any client could " +
      "need under the style's rule.",
    plot: () =>
      strips(
        styles.map(({ label, color, trials }) => {
          const best = spread(trials, ({ optimum }) => optimum);
          const measured = spread(trials, ({ seconds }) => seconds);
          return {
            label: `${label}: ${formatSeconds(measured?.median)}` +
              (best ? `, optimum ${formatSeconds(best.median)}` : ""),
            color,
            values: trials.map(({ summary }) => summary.seconds),
            lines: best && [best.median],
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
  const worst = greatest(
    styles.flatMap(({ trials }) => spread(trials, excess) ?? []),
    ({ max }) => max,
  );
  return {
    name: "over-optimum",
    title: worst
      ? `No trial took more than ${formatNumber(worst.max)} % longer than ` +
        "the least time that was possible"
      : "The server did not say how long it took, so nobody knows the optimum",
    sentence:
      "Each dot is a trial: how much longer it took than its optimum, " +
      "which is at 0; the number is the median.",
    plot: () =>
      strips(
        styles.map(({ label, color, trials }) => ({
          label: `${label}: ${formatNumber(spread(trials, excess)?.median)} %`,
          color,
          values: defined(trials.map(({ summary }) => excess(summary))),
        })),
        "longer than the optimum (%)",
      ),
  };
}

/** Without what was not measured. */
export function milliseconds(seconds: (number | undefined)[]): number[] {
  return defined(seconds).map((value) => value * 1000);
}

function defined<T>(values: (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
