/** Charts: Observable Plot's specifications, drawn to SVG that stands alone. */
import { sum } from "d3-array";
import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
import type { Estimate } from "./comparison/mod.ts";
import { countBins, limitsOf } from "./bins.ts";
import { formatClosely } from "./numbers.ts";
import { distribution } from "../../lib/statistics.ts";
import { type Html, html, table, unbroken } from "./html.ts";
import {
  type Figure,
  type Format,
  plusMinus,
  spread,
} from "./mean_interval.ts";
import type { Trial } from "./trials/mod.ts";
import { tip, tipsOf } from "./tooltips.ts";
import { shortened, thinTicks, tickLabel } from "./labels.ts";

const { document } = new JSDOM("").window;

/** Above this many points a chart shows how many there are in each bin. */
export const MAXIMUM_POINTS = 2000;

/** Explains how a chart draws this many points. */
export function dotsOrBins(points: number): string {
  return points > MAXIMUM_POINTS
    ? " They are too many for dots: the darker a bin, the more are in it."
    : " Each dot is one.";
}

const STRIP_HEIGHT = 54;

export interface Chart {
  /** Unique on its page. */
  name: string;
  /** What the chart shows, found in the data. */
  title: string;
  /** One sentence: how to read it, or what it means. */
  sentence: string;
  /** From a width, in pixels, to what is drawn. */
  plot: (width: number) => Drawing;
}

/** A specification, and the same data as a table. */
interface Drawing extends Plot.PlotOptions {
  table(): Table;
}

/** Its heading, with the units, and a line for each series or what else is drawn. */
interface Table {
  heading: string[];
  rows: string[][];
}

/** A chart under its title, drawn twice: for a screen, and for a phone. */
export function figure(chart: Chart): Html {
  const [wide, narrow] = [draw(chart, "wide"), draw(chart, "narrow")];
  const ownTips = narrow.tips !== wide.tips &&
    html`
      data-tips="${narrow.tips}"
    `;
  return html`
    <figure id="${chart.name}" data-tips="${wide.tips}">
      <h3>${unbroken(chart.title)}</h3>
      <div class="wide">${wide.svg}</div>
      <div class="narrow"${ownTips}>${narrow.svg}</div>
      <figcaption>${chart.sentence}</figcaption>
      ${behind(wide.table())}
    </figure>
  `;
}

/** A chart alone, as small as a phone shows it. */
export function smallChart(chart: Chart): Html {
  return draw(chart, "small").svg;
}

/** The rows of the table below a chart. */
const MOST_LINES = 30;

function behind({ heading, rows }: Table): Html {
  const left = rows.length - MOST_LINES;
  return html`
    <details>
      <summary>The figures of this chart</summary>
      ${table(heading, rows.slice(0, MOST_LINES))}
      ${left > 0 && html`<p>And ${left} more.</p>`}
    </details>
  `;
}

const widths = { wide: 720, narrow: 358, small: 358 };

/** The chart at one of its widths, and its tips as JSON. */
function draw(
  { name, title, sentence, plot }: Chart,
  size: keyof typeof widths,
): { svg: Html; tips: string; table(): Table } {
  const width = widths[size];
  const className = `${name}-${size}`;
  const { table, ...spec } = plot(width);
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
    ariaLabel: title,
  });
  // An SVG file needs it; one inside a page doesn't.
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  // The page has Plot's rules for all charts.
  svg.querySelector("style")!.replaceWith(description(sentence));
  thinTicks(svg);
  const tips = JSON.stringify(tipsOf(svg));
  // Plot counts its clips from 1 in each process.
  const text = svg.outerHTML.replaceAll("plot-clip-", `${className}-clip-`)
    // A group has no role that may have a label.
    .replaceAll("<g aria-label=", "<g data-mark=")
    .replace(geometry, rounded).replace(emptied, "/>");
  return { svg: { html: text }, tips, table };
}

function description(sentence: string): Element {
  const desc = document.createElementNS("http://www.w3.org/2000/svg", "desc");
  desc.textContent = sentence;
  return desc;
}

const emptied = /><\/(?:circle|rect|line|path)>/g;

const geometry =
  / (?:[xyrd]|[xy][12]|c[xy]|width|height|transform|[a-z]+-opacity)="[^"]*"/g;

/** Rounds to a tenth of a pixel, and to a hundredth where bins touch. */
function rounded(attribute: string): string {
  const digits = /^ (?:c[xy]|[xy][12]|d|transform)=/.test(attribute) ? 1 : 2;
  return attribute.replace(
    /\d+\.\d{2,}/g,
    (number) => String(Number(Number(number).toFixed(digits))),
  );
}

/** One strip of a chart: its points on the common axis. */
export interface Strip {
  /** What it is called, if not by its label. */
  name?: string;
  label: string;
  color: string;
  values: number[] | Float64Array;
  /** What each value is of, if not 1, 2, 3 and so on. */
  of?: (string | number)[];
  /** More about each value, for its tip. */
  notes?: string[];
  /** Values that are marked by a line across the dots. */
  lines?: number[];
  /** The mean of the values, which is drawn below them. */
  mean?: Estimate;
}

/**
 * Strips of dots on one axis, each under its label; above zero. Each value is
 * that of a `thing`, such as a `call`.
 */
export function strips(
  all: Strip[],
  label: string,
  thing = "value",
): Drawing {
  const unit = /\((.+)\)$/.exec(label)?.[1] ?? label;
  const many = sum(all, ({ values }) => values.length) > MAXIMUM_POINTS;
  const points = many ? [] : all.flatMap((
    { label, name = label, color, values, mean, of, notes },
  ) =>
    Array.from(values, (value, index) => ({
      name,
      label,
      color,
      value,
      of: of?.[index] ?? index + 1,
      note: notes ? `, ${notes[index]}` : "",
      y: mean ? BELOW + (1 - BELOW) * jitter(index) : jitter(index),
    }))
  );
  const means = all.flatMap(({ label, name = label, mean }) =>
    mean ? { label, name, sure: sureOf(mean), ...mean } : []
  );
  const lines = all.flatMap(({ label, name = label, lines = [], mean }) =>
    lines.map((value) => ({ name, label, value, y1: mean ? BELOW : 0, y2: 1 }))
  );
  const nameOf = ({ name }: { name: string }) => name;
  return {
    height: all.length * STRIP_HEIGHT + 60,
    x: axis(label, { labelAnchor: "right", zero: true, nice: true }),
    y: { axis: null, domain: [0, 1] },
    opacity: density,
    fy: { ...facets(all.map(({ label }) => label)), padding: 0.5 },
    marks: [
      many
        ? Plot.rect(stripBins(all), {
          x1: "x1",
          x2: "x2",
          y1: 0.1,
          y2: 0.9,
          fy: "label",
          fill: "color",
          fillOpacity: "count",
          ...tip(nameOf, `{count} from {x1} to {x2} ${unit}`),
        })
        : Plot.dot(points, {
          x: "value",
          y: "y",
          fy: "label",
          fill: "color",
          fillOpacity: 0.6,
          r: 3,
          ...tip(nameOf, `${thing} {of}: {value} ${unit}{note}`),
        }),
      Plot.ruleX(lines, {
        x: "value",
        y1: "y1",
        y2: "y2",
        fy: "label",
        strokeWidth: 2,
        ...tip(nameOf, `line at {value} ${unit}`),
      }),
      meansWithIntervals(means, {
        fy: "label",
        y: BELOW / 2,
        ...tip(nameOf, `mean {value} ${unit}{sure}`),
      }),
      facetLabels(all.map(({ label }) => label)),
    ],
    table: () => stripTable(all, label),
  };
}

/**
 * A strip for each side: a figure's trials, below them its mean and interval, which
 * are in the label too. The values are times `scale`, as the axis has them.
 */
export function trialStrips<
  Side extends { label: string; color: string; trials: Trial[] },
>(
  sides: Side[],
  figure: Figure,
  format: Format,
  axis: string,
  { scale = 1, lineOf = (_: Side): number | undefined => undefined } = {},
): Drawing {
  const drawn = sides.map((side): Strip => {
    const { label, color, trials } = side;
    const found = spread(trials, figure);
    const { value = 0, low, high, values = [] } = found ?? {};
    const line = lineOf(side);
    return {
      name: label,
      label: `${label}: ${found ? plusMinus(found, format) : "-"}`,
      color,
      values: values.map((each) => scale * each),
      lines: line === undefined ? [] : [line],
      mean: found && {
        value: scale * value,
        low: low && scale * low,
        high: high && scale * high,
      },
    };
  });
  return strips(drawn, axis, "trial");
}

function stripBins(all: Strip[]) {
  const limits = limitsOf(all.map(({ values }) => values), 100);
  return all.flatMap(({ label, name = label, color, values }) =>
    countBins(values, limits).map((bin) => ({ label, name, color, ...bin }))
  );
}

function stripTable(all: Strip[], label: string): Table {
  return {
    heading: [label, ...summaryHeading, "Mean, 95 %", "Lines"],
    rows: all.map(({ label, name = label, values, mean, lines = [] }) => [
      name,
      ...summaryOf(values),
      mean ? rangeOf(mean) : "-",
      lines.map(formatClosely).join(", ") || "-",
    ]),
  };
}

/** The heading of {@link summaryOf}. */
export const summaryHeading = [
  ...["Count", "Least", "Median", "Mean", "p95", "Most"],
];

/** A summary of values, as cells of a table. */
export function summaryOf(values: number[] | Float64Array): string[] {
  const { min, p50, mean, p95, max } = distribution(values) ?? {};
  const found = [min, p50, mean, p95, max].map(formatClosely);
  return [String(values.length), ...found];
}

/** As in `1.23 to 1.25`: the interval of a mean. */
function rangeOf({ low, high }: Estimate): string {
  if (low === undefined || high === undefined) return "-";
  return `${formatClosely(low)} to ${formatClosely(high)}`;
}

/** As in `, 95 %: 1.23 to 1.25`; empty without an interval. */
export function sureOf(mean: Estimate): string {
  return mean.high === undefined ? "" : `, 95 %: ${rangeOf(mean)}`;
}

/** How much of a strip's height is for the mean of its dots. */
const BELOW = 0.3;

/** Means as short upright lines, each on its interval, if it has one. */
export function meansWithIntervals(
  means: Estimate[],
  place: { fy?: string; y: number | string; dy?: number } & Plot.MarkOptions,
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
  return {
    ...{ label, labelArrow: "none", grid: true, tickFormat: tickLabel },
    ...more,
  };
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

/**
 * Names each facet above its left corner, `dx` pixels to the right of it, with as
 * much of its label as has room.
 */
export function facetLabels(labels: string[], dx = 0): Plot.Markish {
  return Plot.text(labels, {
    fy: (label) => label,
    text: (label) => label,
    frameAnchor: "top-left",
    lineAnchor: "bottom",
    dx,
    dy: -4,
    fontWeight: 600,
    render(index, scales, values, dimensions, context, next) {
      const room = dimensions.width - dimensions.marginLeft - dx;
      const g = next!(index, scales, values, dimensions, context);
      for (const text of g?.children ?? []) {
        text.textContent = shortened(text.textContent, room);
      }
      return g;
    },
  });
}

/** Spreads points across a strip, always in the same way; from 0.15 to 0.85. */
function jitter(index: number): number {
  const goldenRatio = 0.618034;
  return 0.15 + 0.7 * (((index + 1) * goldenRatio) % 1);
}
