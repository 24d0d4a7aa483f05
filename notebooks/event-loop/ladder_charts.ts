/** The charts that show a server climb a ladder. */
import { max, median, min, range } from "d3-array";
import * as Plot from "@observablehq/plot";
import { compare, unlessFailing, whyNoClaim } from "../kit/comparison/mod.ts";
import {
  axis,
  callsOf,
  capitalize,
  type Chart,
  conclusion,
  facetLabels,
  facets,
  failures,
  formatClosely,
  impossible,
  leftOut,
  meansWithIntervals,
  percent,
  plusMinus,
  spreadBy,
  times,
  tip,
} from "../kit/mod.ts";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import type { Figure } from "../kit/combinations/mod.ts";
import { sourceRungs } from "./ladder_source.ts";
import {
  isMedianUnknown,
  lagsDuring,
  LEAST_LAG,
  type Rung,
  stillShare,
} from "./ladder_trials.ts";
import { bins } from "../load-models/mod.ts";
import { medianTrial, type Trial } from "../kit/trials/mod.ts";

const valuesOf = ({ trials }: Rung, of: Figure["of"]) => spreadBy(trials, of);

const p50 = ({ summary }: Trial) => summary.response?.p50;

/**
 * A sentence that compares the medians of two rungs. `says` gets by how many times
 * the second is larger, and how sure that is. The comparison is one of `pairs` that
 * were chosen before anything was measured, and that hold together.
 */
export function contrastMedians(
  [one, other]: [Rung, Rung],
  pairs: number,
  says: (times: string, sure: string) => string,
): string {
  const [low, high] = [one, other].map((rung) => valuesOf(rung, p50));
  const what = "the median response time";
  const both = `${one.label} and ${other.label} in ${what}`;
  const left = leftOut([one, other], p50, impossible);
  if (!low || !high) return `Nothing to compare in ${what}${left}`;
  const answered = [one, other].filter((rung) => !isMedianUnknown(rung));
  const failed = whyNoClaim([one, other]) ?? failures(answered, 1);
  if (failed) return `No comparison of ${what}: ${failed}`;
  const compared = compare(low.values, high.values, { pairs });
  const found = unlessFailing(compared, one, other);
  const least = isMedianUnknown(other) ? "at least " : "";
  return conclusion(found, both, () => {
    const [ratio, sure] = times(found);
    return says(least + ratio, sure);
  }) + left;
}

const ROW = 44;
const LEFT = 142;
const RIGHT = 92;

/** The response time of each rung, beside that of the talk. */
export function ladderChart(rungs: Rung[]): Chart {
  const points = rungs.flatMap(({ route, color, trials }) =>
    trials.flatMap((trial) => {
      const value = p50(trial);
      if (value === undefined) return [];
      const shown = formatSeconds(value);
      return [{ route, color, value, shown, trial: trials.indexOf(trial) + 1 }];
    })
  );
  const means = rungs.flatMap((rung) => {
    const found = valuesOf(rung, p50);
    if (!found) return [];
    const shown = plusMinus(found, formatSeconds);
    return [{ route: rung.route, shown, ...found }];
  });
  const texts = rungs.map((rung) => {
    const success = valuesOf(rung, ({ summary }) => 100 * summary.success)!;
    const rate = valuesOf(rung, ({ summary }) => summary.throughput);
    return {
      route: rung.route,
      text: `${formatNumber(success.value)} % OK\n` +
        (rate ? `${formatNumber(rate.value)}/s` : "-"),
    };
  });
  const source = rungs.flatMap(({ route }) => {
    const figures = sourceRungs[route];
    if (!figures) return [];
    return [{ route, value: figures.p50, shown: formatSeconds(figures.p50) }];
  });
  const routeOf = ({ route }: { route: string }) => route;
  const [first, last] = [rungs[0], rungs.at(-1)];
  const seconds = [...points, ...source].map(({ value }) => value);
  return {
    name: "ladder",
    title: first && last && first !== last
      ? contrastMedians(
        [last, first],
        1,
        (times, sure) =>
          `The median request takes ${times} as long with ${first.label} as ` +
          `with ${last.label}${sure}`,
      )
      : "One way of writing the handler has nothing to be compared with",
    sentence:
      "The p50 of the response time, on a logarithmic axis: each dot is a " +
      "trial, below are their mean and its 95 % interval. A diamond is what " +
      "the source measured, on another machine and in another language. At " +
      "the right, how many requests were answered OK, and how many a second.",
    plot: (width) => ({
      height: rungs.length * ROW + 66,
      marginLeft: LEFT,
      marginRight: RIGHT,
      x: axis("response time, p50", {
        type: "log",
        domain: [Math.min(...seconds) / 1.6, Math.max(...seconds) * 1.6],
        tickFormat: (time: number) =>
          time < 1 ? `${1000 * time} ms` : `${time} s`,
        ticks: decades(seconds),
      }),
      y: {
        axis: null,
        domain: rungs.map(({ route }) => route),
        type: "point",
        padding: 0.5,
      },
      marks: [
        Plot.axisY({ tickSize: 0, tickPadding: 8, label: null }),
        Plot.dot(source, {
          x: "value",
          y: "route",
          dy: -6,
          symbol: "diamond",
          stroke: "currentColor",
          r: 5,
          ...tip("the source", "{route}: {shown}"),
        }),
        Plot.dot(points, {
          x: "value",
          y: "route",
          dy: -6,
          fill: "color",
          fillOpacity: 0.7,
          r: 3.5,
          ...tip(routeOf, "trial {trial}: {shown}"),
        }),
        meansWithIntervals(means, {
          ...{ y: "route", dy: 6 },
          ...tip(routeOf, "mean {shown}"),
        }),
        Plot.text(texts, {
          y: "route",
          text: "text",
          frameAnchor: "right",
          textAnchor: "start",
          dx: 8,
          lineHeight: 1.1,
        }),
      ],
      table: () => ({
        heading: [
          ...["Response time, p50", "Trials", "Least", "Mean", "Most"],
          ...["The source", "OK (%), per second"],
        ],
        rows: rungs.map((rung, index) => {
          const found = valuesOf(rung, p50);
          const theirs = source.find(({ route }) => route === rung.route);
          return [
            rung.route,
            String(found?.values.length ?? 0),
            formatSeconds(min(found?.values ?? [])),
            found ? plusMinus(found, formatSeconds) : "-",
            formatSeconds(max(found?.values ?? [])),
            theirs?.shown ?? "-",
            texts[index]!.text.replace(" % OK\n", ", ").replace("/s", ""),
          ];
        }),
      }),
      // Room for the labels of a logarithm on a phone.
      ...width < 500 && { marginLeft: 132, marginRight: 76 },
    }),
  };
}

/** Ticks of a logarithmic axis, in seconds. */
function decades(seconds: number[]): number[] {
  const [low, high] = [Math.min(...seconds) / 1.6, Math.max(...seconds) * 1.6];
  return range(-4, 4).map((exponent) => 10 ** exponent)
    .filter((tick) => tick >= low && tick <= high);
}

/**
 * When each request was due and how long it took, and below that when the event
 * loop stood still: of the trial with the median total time.
 */
export function timesAndLags(rungs: Rung[]): Chart {
  const shown = rungs.map((rung) => {
    const trial = medianTrial(rung.trials);
    const calls = callsOf(trial.rows);
    const share = valuesOf(rung, (trial) => stillShare(trial, rung.lags));
    const p50s = valuesOf(rung, p50);
    return {
      ...rung,
      all: rung.lags,
      times: `${rung.route}: p50 ${
        p50s ? plusMinus(p50s, formatSeconds) : "-"
      }`,
      still: `${rung.route} stood still ` +
        (share ? percent(share.value) : "nobody knows how long"),
      points: calls.map(({ due, response }) => ({
        due,
        time: 1000 * response,
      })),
      lags: lagsDuring(trial, rung.lags)
        .filter(({ lag }) => lag >= LEAST_LAG),
    };
  });
  const span = max(shown, ({ points }) => max(points, ({ due }) => due)) || 1;
  const most = max(shown, ({ points }) => max(points, ({ time }) => time)) || 1;
  const domain: [number, number] = [1, Math.max(10, 1.5 * most)];
  const labels = shown.flatMap(({ times, still }) => [times, still]);
  return {
    name: "times-and-lags",
    title: stillTitle(rungs),
    sentence:
      "Above, the response times by when the requests were due: the darker a " +
      "bin, the more are in it. Below, on the same axes, each time that the " +
      `event loop stood still for ${
        formatSeconds(LEAST_LAG)
      } or longer: as wide as it lasted, and as ` +
      "high. It goes on until all are answered, which is not drawn. Both of " +
      "the trial with the median total time; the figures are means over all.",
    plot: () => ({
      height: labels.length * 70 + 60,
      marginLeft: 60,
      x: axis("when the request was due (s)", { domain: [0, span] }),
      y: {
        type: "log",
        label: null,
        domain,
        tickSize: 0,
        grid: true,
        ticks: [1, 100, 10_000].filter((tick) => tick < domain[1]),
        tickFormat: (time: number) =>
          time < 1000 ? `${time} ms` : `${time / 1000} s`,
      },
      fy: { ...facets(labels), padding: 0.5 },
      opacity: { type: "log", range: [0.3, 1] },
      marks: [
        shown.map(({ route: series, times: label, color, points }) =>
          bins({ series, label, color, points }, span, domain)
        ),
        shown.map(({ route, still, lags }) =>
          Plot.rect(
            lags.filter(({ at, lag }) => at - lag < span)
              .map((each) => ({
                ...each,
                shown: formatSeconds(each.lag),
                until: each.at,
              })),
            {
              x1: ({ at, lag }) => Math.max(0, at - lag),
              x2: ({ at }) => Math.min(span, at),
              y1: domain[0],
              y2: ({ lag }) => 1000 * lag,
              fy: () => still,
              fill: "var(--ink)",
              fillOpacity: 0.55,
              inset: -0.3,
              ...tip(route, "stood still for {shown}, until {until} s"),
            },
          )
        ),
        facetLabels(labels, -42),
      ],
      table: () => ({
        heading: [
          ...["", "Requests", "Least time (ms)", "Median (ms)", "Most (ms)"],
          ...["Times it stood still", "Longest (ms)", "Share of the time (%)"],
        ],
        rows: shown.map((rung) => {
          const { route, points, lags } = rung;
          const share = valuesOf(rung, (trial) => stillShare(trial, rung.all));
          const times = points.map(({ time }) => time);
          return [
            route,
            String(points.length),
            ...[min(times), median(times), max(times)].map(formatClosely),
            String(lags.length),
            formatClosely(max(lags, ({ lag }) => 1000 * lag)),
            formatClosely(share?.value),
          ];
        }),
      }),
    }),
  };
}

function stillTitle(rungs: Rung[]): string {
  const shares = rungs.flatMap((rung) => {
    const share = valuesOf(rung, (trial) => stillShare(trial, rung.lags));
    return share ? [{ label: rung.label, ...share }] : [];
  }).sort((a, b) => b.value - a.value);
  const [most, least] = [shares[0], shares.at(-1)];
  const left = leftOut(rungs, ({ summary }) => summary.seconds, impossible);
  if (!most || !least) {
    return `Nobody wrote down when the event loop stood still${left}`;
  }
  const says = `the event loop of ${most.label} stood still for ` +
    `${percent(most.value)} of the time`;
  if (most === least) return capitalize(says) + left;
  const found = compare(least.values, most.values, {
    pairs: shares.length * (shares.length - 1) / 2,
  });
  const [much, little] = [most, least]
    .map(({ label, value }) => `${label} (${percent(value)})`);
  return conclusion(
    found,
    `${much} and ${little} in how long the event loop stood still`,
    () =>
      `${capitalize(says)}, that of ${least.label} for ${percent(least.value)}`,
  ) + left;
}
