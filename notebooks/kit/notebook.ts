/**
 * All that your own notebook imports: results, figures and the parts of a page.
 * notebooks/README.md explains it.
 */
import { readFileSync } from "node:fs";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import { formatShare } from "./comparison/mod.ts";
import type { Distribution } from "../../lib/statistics.ts";
import type { Summary } from "../../lib/summary.ts";
import { readTrials, type Trial } from "./trials/mod.ts";
import type { Notebook } from "./notebook_interface.ts";
import { type Chart, figure, trialStrips } from "./chart.ts";
import { code, cut } from "./snippets/mod.ts";
import { impossible, leftOut } from "./left_out.ts";
import { contrast, times } from "./claims.ts";
import { type Html, html } from "./html.ts";
import { machineList, problemList } from "./notices.ts";
import { provenance } from "./provenance.ts";
import { type Format, plusMinus, spread } from "./mean_interval.ts";

// A notebook outside this project can't import it by name.
export * as Plot from "@observablehq/plot";
export type { Chart } from "./chart.ts";
export { bullets, type Html, html, table } from "./html.ts";

/** What was measured under a name: several of these are drawn side by side. */
export interface Group {
  name: string;
  /** What it is called on the page. */
  label: string;
  color: string;
  /** One for each run that lasted to its end; none if there was none. */
  trials: Trial[];
}

/** What is shown of each trial. */
export interface Figure {
  /** As in "The total time of sync is 12.8 times that of async". */
  what: string;
  /** Undefined where it was not measured; times are in seconds. */
  of(summary: Summary): number | undefined;
  format: Format;
  /** What the axis of a chart shows. */
  axis: string;
  /** What the axis has for 1, if not 1. */
  scale?: number;
}

/** Response times are from when a call was due until its last byte. */
function response(what: string, name: keyof Distribution): Figure {
  return {
    what,
    of: ({ response }) => response?.[name],
    format: formatSeconds,
    axis: `${what} (ms)`,
    scale: 1000,
  };
}

/** The figures that go by a name. */
export const figures = {
  total: {
    what: "total time",
    of: ({ seconds }) => seconds,
    format: formatSeconds,
    axis: "total time (s)",
  },
  mean: response("mean response time", "mean"),
  p50: response("median response time", "p50"),
  p95: response("p95 of the response time", "p95"),
  p99: response("p99 of the response time", "p99"),
  throughput: {
    what: "throughput",
    of: ({ throughput }) => throughput,
    format: (value) => `${formatNumber(value)} /s`,
    axis: "calls that succeeded, per second",
  },
  success: {
    what: "share of calls that succeed",
    of: ({ success }) => success,
    format: formatShare,
    axis: "calls that succeed (%)",
    scale: 100,
  },
} satisfies Record<string, Figure>;

/** One of {@link figures}, or one of your own. */
export type AnyFigure = keyof typeof figures | Figure;

/**
 * Reads `metrics_<name>.csv` of the results, and what the JSON beside it says.
 * The page lists what is wrong with them.
 */
export type Load = (name: string, label?: string) => Group;

/** A part of a page; what is false is left out. */
export type Part = Html | Chart | string | false | undefined;

/**
 * A notebook: what the module exports as its default. Below the parts that `write`
 * returns, the page says where the numbers come from.
 */
export function notebook(
  title: string,
  write: (load: Load) => Part[],
): Notebook {
  return {
    title,
    write(results) {
      const problems: string[] = [];
      const groups: Group[] = [];
      const parts = write((name, label = name) => {
        const { trials, ...read } = readTrials(results, name);
        problems.push(...read.problems);
        const color = colors[groups.length % colors.length]!;
        const group = { name, label, color, trials };
        groups.push(group);
        return group;
      });
      const charts = named(parts.filter(isChart));
      charts.forEach(mustHaveTable);
      const runs = groups.flatMap(({ trials }) => trials)
        .flatMap(({ run }) => run ?? []);
      const body = html`${machineList(runs)}${problemList(problems, results)}
        ${parts.map((part) => isChart(part) ? figure(charts.shift()!) : part)}
        <h2>Where the numbers come from</h2>
        ${provenance(runs)}`;
      const found = parts.find(isChart) ?? "It has no chart";
      return { body, found, runs, problems };
    },
  };
}

/** Any width will do. */
const WIDTH = 720;

/** In the order in which groups are loaded. */
const colors = ["sync", "async", "semaphore", "queue"]
  .map((name) => `var(--${name})`);

function isChart(part: Part): part is Chart {
  return typeof part === "object" && "plot" in part;
}

function mustHaveTable({ name, plot }: Chart) {
  if (typeof plot(WIDTH).table === "function") return;
  throw new TypeError(
    `the chart ${name} has no table(), which those read who can't see it`,
  );
}

/** Each with a name that no other one has. */
function named(charts: Chart[]): Chart[] {
  return charts.map((chart, index) => {
    const before = charts.slice(0, index)
      .filter(({ name }) => name === chart.name).length;
    return before > 0
      ? { ...chart, name: `${chart.name}-${before + 1}` }
      : chart;
  });
}

/**
 * A dot for each trial of each group, with their means and 95 % intervals. Its
 * title is what the trials show: how the least and the greatest differ, or that
 * no difference is shown. For any other chart give {@link notebook} a
 * {@link Chart}: its `plot` is a specification of Observable Plot, with a `table`
 * for those who can't see it.
 */
export function chart(groups: Group[], figure: AnyFigure): Chart | Html {
  const { what, of, format, axis, scale = 1 } = figureOf(figure);
  const there = groups.filter(({ trials }) => trials.length > 0);
  const measured = there.filter(({ trials }) => spread(trials, of));
  if (measured.length === 0) {
    const left = leftOut(groups, ({ summary }) => of(summary), impossible);
    return html`<p class="notice">Nobody measured the ${what}${left}.</p>`;
  }
  return {
    name: typeof figure === "string" ? figure : slug(what),
    title: contrast(there, of, what, (low, high, found) => {
      const [ratio, sure] = times(found);
      return `The ${what} of ${high.label} is ${ratio} that of ${low.label}${sure}`;
    }, { isTime: format === formatSeconds }),
    sentence:
      "Each dot is a trial; below are their mean and its 95 % interval.",
    plot: () => trialStrips(measured, of, format, axis, { scale }),
  };
}

/** A figure's mean over the trials, as in `168 ± 11 ms`; `-` if there is none. */
export function summarise({ trials }: Group, figure: AnyFigure): string {
  const { of, format } = figureOf(figure);
  const found = spread(trials, of);
  return found ? plusMinus(found, format) : "-";
}

function figureOf(figure: AnyFigure): Figure {
  if (typeof figure !== "string") return figure;
  if (Object.hasOwn(figures, figure)) return figures[figure];
  throw new TypeError(
    `there is no figure ${figure}, but ${Object.keys(figures).join(", ")}`,
  );
}

function slug(text: string): string {
  return text.toLowerCase().replace(/\W+/g, "-");
}

/**
 * The lines between `// #region name` and `// #endregion`: of a file of this
 * project, as in `scripts/async.ts`, or of one of your own, by its URL, as in
 * `new URL("mine.ts", import.meta.url)`.
 */
export function snippet(file: string | URL, name = "schedule"): Html {
  const root = new URL("../../", import.meta.url);
  const text = readFileSync(new URL(file, root), "utf8");
  return code(cut(text, name, String(file)), "ts");
}

/**
 * Paragraphs, with empty lines between them; one that begins with `## ` or `### `
 * is a heading. It is HTML, but for the values in it, which are text.
 */
export function prose(
  strings: TemplateStringsArray,
  ...values: (Html | string | number | false | undefined)[]
): Html {
  const text = html(strings, ...values.map(inOneLine)).html.trim();
  return { html: text.split(/\n\s*\n/).map(paragraph).join("\n") };
}

function inOneLine<T>(value: T): T | string {
  return typeof value === "string" ? value.replace(/\s+/g, " ") : value;
}

function paragraph(text: string): string {
  const [, signs, rest] = /^\s*(##|###) (.*)$/s.exec(text) ?? [];
  const name = signs ? `h${signs.length}` : "p";
  return `<${name}>${(rest ?? text).trim()}</${name}>`;
}
