/** The trials in the order in which they ran, which gives away what drifts. */
import { extent, max, mean, rollups, ticks } from "d3-array";
import * as Plot from "@observablehq/plot";
import {
  FEWEST,
  inOrder,
  MATTERS,
  type Measure,
  type Side,
  unsteady,
  whyNoClaim,
} from "./comparison/mod.ts";
import { capitalize, formatClosely } from "./numbers.ts";
import { formatNumber } from "../../lib/format.ts";
import type { Summary } from "../../lib/summary.ts";
import { axis, type Chart, facetLabels, facets } from "./chart.ts";
import { impossible, leftOut } from "./left_out.ts";
import { tip } from "./tooltips.ts";
import type { Trial } from "./trials/mod.ts";

/** The measure of chapters that compare calls per second. */
export const byThroughput = {
  name: "throughput",
  of: ({ throughput }: Summary) => throughput,
  format: formatNumber,
};

/** What trials are of. */
export interface Ordered extends Side {
  color: string;
  /** The strip that it is drawn in, if not one of its own. */
  strip?: string;
}

/**
 * How far each trial is off the mean of its side, a `kind` of thing such as
 * `style`; undefined where nothing was measured twice.
 */
export function trialOrder(
  sides: Ordered[],
  measure: Measure,
  kind: string,
): Chart | undefined {
  const place = placesOf(sides.flatMap(({ trials }) => trials));
  const points = sides.flatMap(({ label, color, trials, strip = label }) => {
    const measured = inOrder(trials).flatMap((trial) => {
      const value = measure.of(trial.summary);
      return value === undefined ? [] : { place: place.get(trial)!, value };
    });
    const middle = mean(measured, ({ value }) => value);
    if (measured.length < 2 || !middle) return [];
    return measured.map(({ place, value }) => (
      {
        ...{ label, color, strip, place, off: (value / middle - 1) * 100 },
        shown: measure.format(value),
      }
    ));
  });
  if (points.length === 0) return undefined;

  const most = max(points, ({ off }) => Math.abs(off))!;
  const strips = [...new Set(points.map(({ strip }) => strip))];
  const lost = whyNoClaim(sides);
  const having = sides.map(({ label, trials }) => ({
    label,
    trials: trials.filter(({ summary }) => measure.of(summary) !== undefined),
  }));
  const said = lost
    ? [`nothing can be said of drift: ${lost}`]
    : having.flatMap((side) => unsteady(side, [measure]));
  const isLong = having.every(({ trials }) => trials.length >= FEWEST);
  const left = leftOut(sides, ({ summary }) => measure.of(summary), impossible);
  const title = (said[0] ??
    `No trial${left && " of the others"} is more than ${
        formatNumber(most)
      } % ` +
      `off its ${kind}'s mean${isLong ? "; no drift shown" : ""}`) + left;
  const others = said.slice(1).map((text) => ` ${capitalize(text)}.`);
  const stripOf = ({ strip }: { strip: string }) => strip;
  const [first, last] = extent(points, ({ place }) => place);
  // Small noise should look small.
  const top = 1.1 * Math.max(most, MATTERS * 100);
  return {
    name: "trial-order",
    title: capitalize(title),
    sentence:
      `Each dot is a trial: how far its ${measure.name} is off the mean of its ` +
      `${kind}. From left to right is the order in which all trials ran, so ` +
      `that what warms up or drifts goes up or down.${others.join("")}`,
    plot: () => ({
      height: strips.length * 68 + 60,
      marginLeft: 60,
      x: axis("place in the order of all trials", {
        grid: false,
        ticks: ticks(first!, last!, 8).filter(Number.isInteger),
        tickFormat: "d",
        inset: 6,
      }),
      y: {
        label: null,
        domain: [-top, top],
        ticks: ticks(-top, top, 3),
        tickSize: 0,
        tickFormat: (off: number) => `${off > 0 ? "+" : ""}${off} %`,
        grid: true,
      },
      fy: { ...facets(strips), padding: 0.35 },
      marks: [
        Plot.ruleY([0], { strokeOpacity: 0.5 }),
        Plot.line(points, {
          x: "place",
          y: "off",
          z: "label",
          fy: "strip",
          stroke: "color",
          strokeWidth: 1,
          ...tip(stripOf),
        }),
        Plot.dot(points, {
          x: "place",
          y: "off",
          fy: "strip",
          fill: "color",
          r: 3,
          ...tip(stripOf, "{label}, place {place}: {shown}, {off} % off"),
        }),
        facetLabels(strips),
      ],
      table: () => ({
        heading: [
          capitalize(kind),
          "Trials",
          "Furthest below its mean (%)",
          "Furthest above (%)",
        ],
        rows: rollups(
          points,
          (own) => [
            String(own.length),
            ...extent(own, ({ off }) => off).map(formatClosely),
          ],
          ({ label }) => label,
        ).map(([label, cells]) => [label, ...cells]),
      }),
    }),
  };
}

/** Each trial's place in its series, or by its time if they have no common one. */
function placesOf(trials: Trial[]): Map<Trial, number> {
  const isOneSeries =
    new Set(trials.map(({ run }) => run?.series?.id)).size === 1;
  return new Map(
    inOrder(trials).map((trial, index) => [
      trial,
      isOneSeries && trial.run?.series?.place || index + 1,
    ]),
  );
}
