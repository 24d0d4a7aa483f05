/** The tables with the talk's figures beside ours. */
import { cross } from "d3-array";
import { formatNumber, formatSeconds } from "../../lib/format.ts";
import type { Trial } from "../kit/trials/mod.ts";
import { ends, parts, places } from "../../scripts/chapters/names/mod.ts";
import {
  cell,
  type Figure,
  type Format,
  type Html,
  html,
  percent,
  spread,
  spreadBy,
  table,
} from "../kit/mod.ts";
import { sourceMatrix, sourceRungs, sourceSustained } from "./ladder_source.ts";
import type { SourceFigures } from "./ladder_source.ts";
import { peakMemory, type Rung, stillShare } from "./ladder_trials.ts";

/** The figures that the talk has too. */
const columns: [string, Figure, Format, keyof SourceFigures][] = [
  ["Success", ({ success }) => 100 * success, percent, "success"],
  ["Throughput, per second", (s) => s.throughput, formatNumber, "throughput"],
  ["Fastest", ({ response }) => response?.min, formatSeconds, "fastest"],
  ["p50", ({ response }) => response?.p50, formatSeconds, "p50"],
  ["p99", ({ response }) => response?.p99, formatSeconds, "p99"],
];
const headings = columns.map(([name]) => name);

/** All figures of the ladder. */
export function ladderTable(rungs: Rung[]): Html {
  return table(
    ["Route", ...headings, "Event loop stood still", "Peak memory"],
    rungs.map((rung) => [
      rung.route,
      ...figuresOf(rung, sourceRungs[rung.route]),
      ownCell(rung, stillShare, percent),
      ownCell(rung, peakMemory, (value) => `${formatNumber(value)} MB`),
    ]),
  );
}

/** The figures of the loads that lasted, and the rates asked for. */
export function sustainedTable(sustained: Rung[]): Html {
  const rows = sustained.map((rung) => {
    const { options } = rung.trials[0]!.run ?? {};
    const [rate] = (options?.rate ?? []) as { limit: number; per: number }[];
    const asked = rate
      ? `${formatNumber(rate.limit / rate.per)}/s for ` +
        formatSeconds(Number(options?.duration))
      : "-";
    const isSources = rung.route.startsWith(ends[1]!);
    return [
      rung.route.replace("/sustained", ""),
      asked,
      ...figuresOf(rung, isSources ? sourceSustained : undefined),
    ];
  });
  return table(["Route", "Asked for", ...headings], rows);
}

/** The figures of the parts of a handler. */
export function matrixTable(rungs: Rung[]): Html {
  const rows = cross(parts, places).flatMap(([part, place]) => {
    const rung = rungs.find(({ route }) => route === `/${place}/${part}`);
    if (!rung) return [];
    const [rate, time] = sourceMatrix[part]![place as "loop" | "pool"];
    const [, throughput, , p50, p99] = figuresOf(rung);
    return [[
      part,
      place,
      html`${throughput}<small>source: ${formatNumber(rate)}</small>`,
      html`${p50}<small>source: ${formatSeconds(time)}</small>`,
      p99,
    ]];
  });
  return table(["Part", "Place", "Throughput, per second", "p50", "p99"], rows);
}

/** Each of our figures, with the talk's below it if there is one. */
function figuresOf({ trials }: Rung, source?: SourceFigures): Html[] {
  return columns.map(([, of, format, name]) =>
    html`${cell(spread(trials, of), format)}${
      source && html`<small>source: ${format(source[name])}</small>`
    }`
  );
}

function ownCell(
  { trials, lags }: Rung,
  of: (trial: Trial, lags: Rung["lags"]) => number | undefined,
  format: Format,
): Html {
  return cell(spreadBy(trials, (trial) => of(trial, lags)), format);
}
