/** The charts that show strategies against kinds of rate limit. */
import {
  bisectRight,
  extent,
  flatGroup,
  flatRollup,
  greatest,
  least,
  max,
  min,
  rollup,
  sum,
} from "d3-array";
import * as Plot from "@observablehq/plot";
import { meanOf, whyNoClaim } from "../kit/comparison/mod.ts";
import {
  area,
  axis,
  capitalize,
  type Chart,
  facetLabels,
  facets,
  formatClosely,
  margin,
  meansWithIntervals,
  spreadOf,
  summaryHeading,
  summaryOf,
  sureOf,
  tip,
} from "../kit/mod.ts";
import { isWrongTime } from "../../lib/queue/rows/mod.ts";
import { type Counted, used } from "./server_counts.ts";
import { isOk, type Row } from "../../lib/row.ts";
import type { Rows } from "../kit/rows/mod.ts";
import type { Trial } from "../kit/trials/mod.ts";

/** A strategy, and at least one run of it. */
export interface Strategy {
  label: string;
  counted: Counted[];
}

const refusalsOf = ({ rejected }: Counted) => rejected;

/** The least and the most of all its runs, against any kind of limit. */
export function extremes(
  { counted }: Strategy,
  figure: (run: Counted) => number,
): { min: number; max: number } {
  const [min, max] = extent(counted, figure);
  return { min: min!, max: max! };
}

/** Rounded down, so that it can be claimed of all. */
function atLeast(share: number): string {
  return `at least ${roundedDown(share).toFixed(1)}\u00a0%`;
}

/** As in `98.9 to 99.1 %`, the least as {@link atLeast} has it. */
export function percent({ min, max }: { min: number; max: number }): string {
  return `${range(roundedDown(min), max * 100, 1)} %`;
}

/** A share in per cent, with one decimal. */
function roundedDown(share: number): number {
  return Math.floor(share * 1000 + 1e-9) / 10;
}

/** As in `4 to 6`. */
export function range(min: number, max: number, digits = 0): string {
  const [from, to] = [min, max].map((value) => value.toFixed(digits));
  return from === to ? from! : `${from} to ${to}`;
}

function atMost(times: number): string {
  return times === 1 ? "at most once" : `at most ${times} times`;
}

function list(labels: string[]): string {
  return new Intl.ListFormat("en-GB").format(labels);
}

/** In how many trials of each pair something was seen. */
export function trialsOfEach(counted: Counted[]): string {
  const sizes = rollup(
    counted,
    (runs) => runs.length,
    ({ strategy, kind }) => `${strategy}/${kind}`,
  ).values();
  const [fewest, most] = extent(sizes);
  return most === 1
    ? "one trial of each"
    : `${range(fewest!, most!)} trials of each`;
}

function countsOf(strategies: Strategy[]): Counted[] {
  return strategies.flatMap(({ counted }) => counted);
}

/** Which strategy used the most, and what those used that had no 429. */
function finding(strategies: Strategy[]): string {
  const share = (strategy: Strategy) => extremes(strategy, used).min;
  const refusals = (strategy: Strategy) => extremes(strategy, refusalsOf).max;
  const clean = strategies.filter((strategy) => refusals(strategy) === 0);
  const top = greatest(strategies, share)!;
  if (countsOf(strategies).every(({ accepted }) => accepted === 0)) {
    return "Nothing got through in any trial";
  }
  const best = greatest(clean, share);
  const worst = least(clean, share);
  const says = (strategy: Strategy) =>
    `${strategy.label} used ${atLeast(share(strategy))}`;
  const title = best && share(best) === share(top)
    ? `Without a 429, ${says(best)} of what each limit allows` +
      (worst !== best ? `, and ${says(worst!)}` : "")
    : `${capitalize(says(top))} of what each limit allows, refused ` +
      `${atMost(refusals(top))} in a trial; ` +
      (best ? `without a 429, ${says(best)}` : "none went without a 429");
  return `${title}; ${trialsOfEach(countsOf(strategies))}`;
}

/** The share of the limit that each run used. */
export function usedChart(strategies: Strategy[], kinds: string[]): Chart {
  const runs = strategies.flatMap((strategy) =>
    strategy.counted.map((run) => ({
      name: strategy.label,
      label: `${strategy.label}: ${percent(extremes(strategy, used))}`,
      kind: run.kind,
      rejected: run.rejected,
      percent: used(run) * 100,
      refused: run.rejected > 0,
    }))
  );
  const labels = [...new Set(runs.map(({ label }) => label))];
  const place = {
    ...{ x: "percent", y: "kind", fy: "label" },
    ...tip(
      ({ refused }: { refused: boolean }) =>
        refused ? "something refused" : "nothing refused",
      "{name}, {kind}: {percent} % of the limit, {rejected} refused",
    ),
  };
  const means = flatRollup(
    runs,
    (same) => meanOf(same.map(({ percent }) => percent)),
    ({ label }) => label,
    ({ name }) => name,
    ({ kind }) => kind,
  ).map(([label, name, kind, mean]) => (
    { label, name, kind, sure: sureOf(mean), ...mean }
  )).filter(({ value, high }) => high !== undefined && high > value);
  return {
    name: "used",
    title: finding(strategies),
    sentence:
      "Each mark is a trial: a dot if nothing was refused, a cross if " +
      `something was. In each strip the kinds of limit are, from the top: ${
        list(kinds)
      }.${
        means.length > 0 ? " Upright lines are means, on 95 % intervals." : ""
      } The share is of the calls that the limit allows while the run lasts, ` +
      "or in the time in which it could let all calls through, if that is longer.",
    plot: () => ({
      height: labels.length * 62 + 60,
      x: axis("accepted, of what the limit allows (%)", {
        labelAnchor: "right",
        domain: [0, Math.max(100, ...runs.map(({ percent }) => percent))],
      }),
      y: { axis: null, domain: kinds, type: "point", padding: 0.5 },
      fy: { ...facets(labels), padding: 0.4 },
      marks: [
        Plot.dot(runs.filter(({ refused }) => !refused), {
          ...place,
          fill: "var(--async)",
          fillOpacity: 0.7,
          r: 3,
        }),
        Plot.dot(runs.filter(({ refused }) => refused), {
          ...place,
          symbol: "times",
          stroke: "var(--sync)",
          strokeWidth: 1.5,
          r: 3,
        }),
        meansWithIntervals(means, {
          ...{ y: "kind", fy: "label" },
          ...tip("means", "{name}, {kind}: mean {value} %{sure}"),
        }),
        facetLabels(labels),
      ],
      table: () => ({
        heading: [
          "Strategy, limit",
          ...summaryHeading.map((name, index) => index ? `${name} (%)` : name),
          "Refused in all",
        ],
        rows: flatGroup(runs, ({ name }) => name, ({ kind }) => kind)
          .map(([name, kind, own]) => [
            `${name}, ${kind}`,
            ...summaryOf(own.map(({ percent }) => percent)),
            String(sum(own, ({ rejected }) => rejected)),
          ]),
      }),
    }),
  };
}

/** How many 429s each strategy had, by kind of limit. */
export function refusedChart(strategies: Strategy[], kinds: string[]): Chart {
  const most = max(strategies, (each) => extremes(each, refusalsOf).max) ?? 0;
  const cells = strategies.flatMap(({ label, counted }) =>
    kinds.map((kind) => {
      const found = spreadOf(
        counted.filter((run) => run.kind === kind).map(refusalsOf),
      );
      const text = found ? count(found.value) : "-";
      const beside = found
        ? margin(found, count).replace(" to ", "\u2013")
        : "";
      const peak = max(found?.values ?? []);
      const opacity = peak
        ? 0.12 + 0.33 * Math.log1p(peak) / Math.log1p(most)
        : 0;
      const said = `${text} ${beside}`.trim();
      return { label, kind, text, beside, said, opacity };
    })
  );
  const labels = strategies.map(({ label }) => label);
  const place = { x: "kind", fy: "label" };
  const mean = { ...place, text: "text", fontWeight: 600 };
  return {
    name: "refused",
    title: refusedTitle(strategies),
    sentence:
      "How many 429s the server sent in a trial: the mean and, where trials " +
      "differ, its 95 % interval (±), or the least and the most where they are " +
      "too few for one.",
    plot: () => ({
      height: strategies.length * 66 + 50,
      marginTop: 60,
      marginBottom: 4,
      x: { label: null, domain: kinds, padding: 0.04 },
      opacity: { type: "identity" },
      fy: { ...facets(labels), padding: 0.4 },
      marks: [
        Plot.axisX({
          anchor: "top",
          tickSize: 0,
          tickPadding: 22,
          tickFormat: (kind: string) => kind.replace("-", "\n"),
        }),
        Plot.cell(cells, {
          ...place,
          fill: "var(--sync)",
          fillOpacity: "opacity",
          stroke: "var(--line)",
          ...tip("", "{label}, {kind}: {said} refused"),
        }),
        Plot.text(cells.filter(({ beside }) => !beside), mean),
        Plot.text(cells.filter(({ beside }) => beside), { ...mean, dy: -7 }),
        Plot.text(cells, { ...place, text: "beside", fontSize: 11, dy: 9 }),
        facetLabels(labels),
      ],
      table: () => ({
        heading: ["429s in a trial", ...kinds],
        rows: flatGroup(cells, ({ label }) => label)
          .map(([label, own]) => [
            label,
            ...own.map(({ said }) => said),
          ]),
      }),
    }),
  };
}

/** As in `4`, or in `4.3` if it is a mean. */
export function count(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

function refusedTitle(strategies: Strategy[]): string {
  const most = (strategy: Strategy) => extremes(strategy, refusalsOf).max;
  const never = strategies.filter((strategy) => most(strategy) === 0);
  const others = strategies.filter((strategy) => most(strategy) > 0)
    .toSorted((a, b) => most(a) - most(b));
  const says = (strategy: Strategy) =>
    `${strategy.label} ${atMost(most(strategy))}`;
  const names = never.map(({ label }) => label);
  const verb = names.length === 1 ? "was" : "were";
  const parts = [
    names.length > 0
      ? `${list(names)} ${verb} never refused`
      : "every strategy was refused",
    ...others.length > 0 ? [`${says(others[0]!)} in a trial`] : [],
    ...others.length > 1 ? [says(others.at(-1)!)] : [],
  ];
  return `${capitalize(parts.join(", "))}; ` +
    trialsOfEach(countsOf(strategies));
}

const SAMPLES = 300;
const REFUSAL_BINS = 60;

/** One trial of each strategy against one kind of limit, second by second. */
export function overTime(
  shown: { label: string; trial: Trial }[],
  kind: string,
): Chart {
  const all = shown.map(({ label, trial }) => {
    const rows = placedRows(trial.rows);
    const first = min(rows, seconds)!;
    const times = (some: Rows) =>
      some.map((row) => seconds(row) - first).sort((a, b) => a - b);
    const accepted = times(rows.filter(isOk));
    const refused = times(rows.filter(({ status }) => status === 429));
    const end = (times(rows).at(-1) ?? 0) + 1;
    const name = `${label}: ${accepted.length} accepted, ` +
      `${refused.length} refused`;
    const peak = max(accepted, (time) => inSecondTo(accepted, time)) ?? 0;
    return { label, name, accepted, refused, end, peak };
  });
  const limit = limitOf(shown[0]!.trial.rows.at(0)!);
  const lost = whyNoClaim(
    shown.map(({ label, trial }) => ({ label, trials: [trial] })),
  );
  const end = max(all, ({ end }) => end)!;
  const top = Math.max(limit ?? 0, max(all, ({ peak }) => peak)!, 1);
  const filled = all.flatMap(({ label, name, accepted, end: last }) =>
    Array.from({ length: SAMPLES + 1 }, (_, i) => i / SAMPLES * end)
      .filter((time) => time <= last)
      .map((time) => ({ label, name, time, count: inSecondTo(accepted, time) }))
  );
  const refusals = all.flatMap(({ label, name, refused }) =>
    refused.map((time) => ({ label, name, time }))
  );
  const labelOf = ({ label }: { label: string }) => label;
  const labels = all.map(({ name }) => name);
  return {
    name: "over-time",
    title: lost
      ? `Nothing can be said of calls in a second: ${lost}`
      : overTimeTitle(all, limit),
    sentence:
      `One trial of each strategy against the limit of kind ${kind}, the one ` +
      "with the median total time. The area is how many calls were accepted in " +
      "the second before, which takes a second to fill and one to empty; the " +
      "dashed line is the limit. The crosses are refused calls; the larger one " +
      "is, the more there are. Times are those of sending.",
    plot: () => ({
      height: all.length * 88 + 60,
      marginLeft: 36,
      x: axis("time since the first call (s)", { domain: [0, end] }),
      y: {
        label: null,
        domain: [0, top * 1.4],
        ticks: limit ? [0, limit] : undefined,
        tickSize: 0,
      },
      r: { range: [2.5, 5] },
      fy: { ...facets(labels), padding: 0.35 },
      marks: [
        area(filled, "var(--async)", {
          ...{ x: "time", y: "count", fy: "name" },
          ...tip(labelOf, "{count} accepted in the second to {time} s"),
        }),
        Plot.ruleY(limit ? [limit] : [], { strokeDasharray: "5 4" }),
        Plot.dot(
          refusals,
          Plot.binX({ r: "count" }, {
            x: { value: "time", domain: [0, end], thresholds: REFUSAL_BINS },
            y: () => top * 1.2,
            fy: "name",
            symbol: "times",
            stroke: "var(--sync)",
            strokeWidth: 1.5,
            ...tip(labelOf, "{count} refused at about {x} s"),
          } as object),
        ),
        facetLabels(labels, -18),
      ],
      table: () => ({
        heading: [
          ...["Strategy", "Accepted", "Refused"],
          ...["Most accepted in a second", "Last call sent (s)"],
        ],
        rows: all.map(({ label, accepted, refused, peak, end }) => [
          label,
          ...[accepted.length, refused.length, peak].map(String),
          formatClosely(end - 1),
        ]),
      }),
    }),
  };
}

interface InTime {
  label: string;
  refused: number[];
  peak: number;
}

function overTimeTitle(all: InTime[], limit?: number): string {
  const clean = all.filter(({ refused }) => refused.length === 0);
  const high = greatest(clean, ({ peak }) => peak);
  const low = least(clean, ({ peak }) => peak);
  if (!high || !low) return "Every strategy was refused";
  if (high.peak === 0) return "In one trial of each nothing got through";
  const through = ({ label, peak }: InTime) => `${label} got at most ${peak}`;
  const of = limit ? ` of ${limit}` : "";
  const title = `${through(high)}${of} calls in a second through` +
    (low.peak < high.peak ? `, ${through(low)}` : "");
  return clean.length < all.length
    ? `In one trial of each, without a 429, ${title}`
    : `In one trial of each nothing was refused: ${title}`;
}

/** How many of the sorted times are in the second that ends at `time`. */
function inSecondTo(times: number[], time: number): number {
  return bisectRight(times, time) - bisectRight(times, time - 1);
}

/** Without those of calls that can't have been made then, unless none can. */
function placedRows(rows: Rows): Rows {
  const placed = rows.filter((row) => !isWrongTime(seconds(row)));
  return placed.length > 0 ? placed : rows;
}

function seconds({ timestamp }: Row): number {
  return timestamp.getTime() / 1000;
}

/** Requests per second, as the URL asks the target for them. */
function limitOf({ url }: Row): number | undefined {
  return Number(URL.parse(url)?.searchParams.get("limit")) || undefined;
}
