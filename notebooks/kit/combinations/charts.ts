/** The charts that show servers side by side on each route. */
import { max, min, union } from "d3-array";
import * as Plot from "@observablehq/plot";
import {
  axis,
  type Chart,
  facetLabels,
  facets,
  meansWithIntervals,
} from "../chart.ts";
import type { Figure } from "./figures.ts";
import { sidesOf } from "./pairs.ts";
import { type Combination, doubtOf } from "./combinations.ts";
import { plusMinus } from "../mean_interval.ts";
import { widthOf } from "../labels.ts";
import { tip } from "../tooltips.ts";

const LINE_HEIGHT = 28;
/** Of the names, from the longest that is usual to the longest that is shown. */
const LEFT = { least: 76, most: 104 };
const CHARACTER = 7.5;
/** Room for as much as `0.123 ± 0.012 ms`. */
const RIGHT = 128;
const GAP = 8;
/** Dots are so far above the middle of their line, and their mean below it. */
const OFF = 5;

const place = { fy: "route", y: "server" };
const above = { ...place, dy: -OFF };
const below = { ...place, dy: OFF };

/**
 * The trials of each server in a line under each route; undefined where nothing
 * has the figure.
 */
export function serversByRoute(
  all: Combination[],
  figure: Figure,
  title: string,
): Chart | undefined {
  const { name, sentence, isTime, format, doubt = doubtOf } = figure;
  const sides = sidesOf(all, figure);
  if (sides.length === 0) return undefined;
  const most = max(sides, ({ values }) => max(values))!;
  const scale = isTime && most < 1 ? 1000 : 1;
  const unit = isTime ? ` (${scale === 1 ? "s" : "ms"})` : "";
  const trials = sides.flatMap(({ server, route, color, trials }) =>
    trials.flatMap((trial) => {
      const value = figure.of(trial);
      if (value === undefined) return [];
      const to = figure.upTo?.(trial);
      const isDoubted = doubt(trial) !== undefined;
      return [{
        ...{ server, route, color, value: scale * value, to, isDoubted },
        trial: trials.indexOf(trial) + 1,
        shown: format(value),
        note: doubt(trial) ? `, in doubt: ${doubt(trial)}` : "",
      }];
    })
  );
  const means = sides.map(({ server, route, value, low, high, ...side }) => ({
    server,
    route,
    shown: plusMinus({ value, low, high, ...side }, format),
    value: scale * value,
    low: low === undefined ? undefined : scale * Math.max(0, low),
    high: high === undefined ? undefined : scale * high,
  }));
  const texts = all.map(({ server, route, label }) => {
    const side = sides.find((side) => side.label === label);
    // How many trials it is of stands in the table: there is little room here.
    const text = side ? plusMinus({ ...side, of: undefined }, format) : "-";
    return { server, route, text };
  });
  const right = Math.max(
    RIGHT,
    GAP + max(texts, ({ text }) => widthOf(text))!,
  );
  const routes = [...union(all.map(({ route }) => route))];
  const servers = [...union(all.map(({ server }) => server))];
  const longest = max(servers, (server) => server.length)!;
  const left = Math.min(
    LEFT.most,
    Math.max(LEFT.least, 12 + CHARACTER * longest),
  );
  return {
    name,
    title,
    sentence: "Each dot is a trial; below are their mean and its 95 % " +
      `interval. ${
        trials.some(({ isDoubted }) => isDoubted)
          ? "A cross is a trial that is in doubt. "
          : ""
      }${sentence}`,
    plot: (width) => ({
      height: routes.length * (servers.length * LINE_HEIGHT + 30) + 62,
      marginLeft: left,
      marginRight: right,
      x: axis(figure.axis + unit, {
        zero: true,
        nice: true,
        round: true,
        ticks: width / 120,
      }),
      y: { axis: null, domain: servers, type: "point", padding: 0.5 },
      fy: { ...facets(routes), padding: 0.2 },
      marks: [
        Plot.axisY({
          tickSize: 0,
          tickPadding: 8,
          label: null,
          lineWidth: left / 15,
          textOverflow: "ellipsis-end",
        }),
        Plot.ruleX(figure.marks ?? [], { strokeDasharray: "5 4" }),
        marksOf(trials),
        meansWithIntervals(means, {
          ...below,
          ...tip(serverOf, "{route}: mean {shown}"),
        }),
        Plot.text(texts, {
          ...place,
          text: "text",
          frameAnchor: "right",
          textAnchor: "start",
          dx: GAP,
        }),
        facetLabels(routes, -left + 8),
      ],
      table: () => ({
        heading: [figure.axis, "Trials", "Least", "Mean", "Most", "In doubt"],
        rows: sides.map((side) => [
          side.label,
          String(side.values.length),
          format(min(side.values)!),
          plusMinus(side, format),
          format(max(side.values)!),
          String(side.trials.filter(doubt).length),
        ]),
      }),
    }),
  };
}

const serverOf = ({ server }: { server: string }) => server;

interface Drawn {
  server: string;
  color: string;
  value: number;
  /** Where an interval ends that starts with the value. */
  to?: number;
  isDoubted: boolean;
}

function marksOf(trials: Drawn[]): Plot.Markish[] {
  const [doubted, others] = [true, false]
    .map((is) => trials.filter(({ isDoubted }) => isDoubted === is));
  const told = tip(serverOf, "{route}, trial {trial}: {shown}{note}");
  return [
    Plot.ruleY(trials.filter(({ to }) => to !== undefined), {
      ...above,
      x1: "value",
      x2: "to",
      stroke: "color",
      strokeOpacity: 0.6,
      ...told,
    }),
    Plot.dot(others, {
      ...above,
      x: "value",
      fill: "color",
      fillOpacity: 0.6,
      r: 3,
      ...told,
    }),
    Plot.dot(doubted, {
      ...above,
      x: "value",
      stroke: "color",
      symbol: "times",
      r: 3,
      ...told,
    }),
  ];
}
