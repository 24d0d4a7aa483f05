/** Charts: Observable Plot's specifications, drawn to SVG that stands alone. */
import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
import type { Estimate } from "../comparison/interval.ts";
import { type Html, html, unbroken } from "./html.ts";

const { document } = new JSDOM("").window;

/** Above this many points a chart shows how many there are in each bin. */
export const MAXIMUM_POINTS = 2000;

/** What a chart of so many points says of them, after a sentence. */
export function dotsOrBins(points: number): string {
  return points > MAXIMUM_POINTS
    ? " They are too many for dots: the darker a bin, the more are in it."
    : " Each dot is one.";
}

const WIDE = 720;
const NARROW = 358;
const STRIP_HEIGHT = 54;

export interface Chart {
  /** Unique on its page. */
  name: string;
  /** What the chart shows, found in the data. */
  title: string;
  /** One sentence: how to read it, or what it means. */
  sentence: string;
  /** From a width, in pixels, to a specification. */
  plot: (width: number) => Plot.PlotOptions;
}

/** A chart under its title, drawn twice: for a screen, and for a phone. */
export function figure({ name, title, sentence, plot }: Chart): Html {
  return html`
    <figure id="${name}">
      <h3>${unbroken(title)}</h3>
      <div class="wide">${draw(`${name}-wide`, title, plot(WIDE), WIDE)}</div>
      <div class="narrow">${draw(
        `${name}-narrow`,
        title,
        plot(NARROW),
        NARROW,
      )}</div>
      <figcaption>${sentence}</figcaption>
    </figure>
  `;
}

/** A chart alone, as small as a phone shows it. */
export function smallChart({ name, title, plot }: Chart): Html {
  return draw(`${name}-small`, title, plot(NARROW), NARROW);
}

function draw(
  className: string,
  ariaLabel: string,
  spec: Plot.PlotOptions,
  width: number,
): Html {
  const svg = Plot.plot({
    style: { fontSize: "13px", background: "none" },
    marginTop: 24,
    marginBottom: 40,
    marginLeft: 18,
    marginRight: 24,
    ...spec,
    width,
    document,
    className,
    ariaLabel,
  });
  // Inside a page it goes without, but not as a file of its own.
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  // Plot counts its clips from 1 in each process.
  const html = svg.outerHTML.replaceAll("plot-clip-", `${className}-clip-`)
    // A group has no role that may have a label.
    .replaceAll("<g aria-label=", "<g data-mark=");
  return { html: html.replace(geometry, rounded) };
}

const geometry =
  / (?:[xyrd]|[xy][12]|c[xy]|width|height|transform|[a-z]+-opacity)="[^"]*"/g;

/** A hundredth of a pixel is finer than anybody sees, and half as long. */
function rounded(attribute: string): string {
  return attribute.replace(
    /\d+\.\d{3,}/g,
    (number) => String(Number(Number(number).toFixed(2))),
  );
}

/** One strip of a chart: its points on the common axis. */
export interface Strip {
  label: string;
  color: string;
  values: number[];
  /** Values that are marked by a line across the dots. */
  lines?: number[];
  /** The mean of the values, which is drawn below them. */
  mean?: Estimate;
}

/** Strips of dots on one axis, each under its label; above zero. */
export function strips(
  all: Strip[],
  label: string,
): Plot.PlotOptions {
  const points = all.flatMap(({ label, color, values, mean }) =>
    values.map((value, index) => ({
      label,
      color,
      value,
      y: mean ? BELOW + (1 - BELOW) * jitter(index) : jitter(index),
    }))
  );
  const means = all.flatMap(({ label, mean }) =>
    mean ? { label, ...mean } : []
  );
  const lines = all.flatMap(({ label, lines = [], mean }) =>
    lines.map((value) => ({ label, value, y1: mean ? BELOW : 0, y2: 1 }))
  );
  return {
    height: all.length * STRIP_HEIGHT + 60,
    x: axis(label, { labelAnchor: "right", zero: true, nice: true }),
    y: { axis: null, domain: [0, 1] },
    opacity: density,
    fy: { ...facets(all.map(({ label }) => label)), padding: 0.5 },
    marks: [
      points.length > MAXIMUM_POINTS
        ? Plot.rectY(
          points,
          Plot.binX({ fillOpacity: "count" }, {
            x: "value",
            fy: "label",
            fill: "color",
            thresholds: 100,
            inset: 0,
            y1: 0.1,
            y2: 0.9,
          } as object),
        )
        : Plot.dot(points, {
          x: "value",
          y: "y",
          fy: "label",
          fill: "color",
          fillOpacity: 0.6,
          r: 3,
        }),
      Plot.ruleX(lines, {
        x: "value",
        y1: "y1",
        y2: "y2",
        fy: "label",
        strokeWidth: 2,
      }),
      meansWithIntervals(means, { fy: "label", y: BELOW / 2 }),
      facetLabels(all.map(({ label }) => label)),
    ],
  };
}

/** How much of a strip's height is for the mean of its dots. */
const BELOW = 0.3;

/** Means as short upright lines, each on its interval, if it has one. */
export function meansWithIntervals(
  means: Estimate[],
  place: { fy?: string; y: number | string; dy?: number },
): Plot.Markish {
  const sure = means.filter(({ high }) => high !== undefined);
  return [
    Plot.ruleY(sure, {
      ...place,
      x1: "low",
      x2: "high",
      strokeWidth: 1.5,
      clip: true,
    }),
    Plot.vector(means, {
      ...place,
      x: "value",
      shape: line,
      length: 9,
      anchor: "middle",
      strokeWidth: 3,
    }),
  ];
}

/** For Plot's vectors: a line without a head. */
export const line: Plot.VectorShape = {
  draw(path, length) {
    path.moveTo(0, 0);
    path.lineTo(0, -length);
  },
};

/** A horizontal axis with its label, and without an arrow. */
export function axis(
  label: string,
  more: Plot.ScaleOptions,
): Plot.ScaleOptions {
  return { label, labelArrow: "none", grid: true, ...more };
}

/** An area under its line. */
export function area(
  data: Plot.Data,
  color: string,
  place: Plot.AreaYOptions & Plot.LineYOptions,
): Plot.Markish {
  return [
    Plot.areaY(data, { ...place, fill: color, fillOpacity: 0.35 }),
    Plot.lineY(data, { ...place, stroke: color, strokeWidth: 1.5 }),
  ];
}

/** How dark a bin is, by how many points it has: even one can be seen. */
export const density: Plot.ScaleOptions = { type: "log", range: [0.1, 1] };

/** Facets below each other, without an axis: {@link facetLabels} names them. */
export function facets(labels: string[]): Plot.ScaleOptions {
  return { domain: labels, axis: null, padding: 0.25 };
}

/** Names each facet above its left corner, `dx` pixels to the right of it. */
export function facetLabels(labels: string[], dx = 0): Plot.Markish {
  return Plot.text(labels, {
    fy: (label) => label,
    text: (label) => label,
    frameAnchor: "top-left",
    lineAnchor: "bottom",
    dx,
    dy: -4,
    fontWeight: 600,
  });
}

/** Spreads points across a strip, always in the same way; from 0.15 to 0.85. */
function jitter(index: number): number {
  const goldenRatio = 0.618034;
  return 0.15 + 0.7 * (((index + 1) * goldenRatio) % 1);
}
