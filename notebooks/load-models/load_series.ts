/** The times of calls under load models, as the charts draw them. */
import type { LineYOptions } from "@observablehq/plot";
import { extent, range } from "d3-array";
import type { Estimate } from "../kit/comparison/mod.ts";
import { formatSeconds } from "../../lib/format.ts";
import {
  callsOf,
  type Figure,
  idOf,
  outcomeOf,
  percentile,
  plusMinus,
  spread,
  tickLabel,
} from "../kit/mod.ts";
import { idealTimes, type Load } from "./loads.ts";
import { medianTrial } from "../kit/trials/mod.ts";

/** A distribution, as it is drawn. */
export interface Curve {
  label: string;
  color: string;
  stroke: LineYOptions;
  /** In milliseconds. */
  sorted: Float64Array;
  /** Over all trials, if there are several; in seconds. */
  p99: Estimate;
}

/** The calls of one trial, by one of their two times. */
export interface Series extends Curve {
  name: "response" | "service";
  /** In seconds and milliseconds. */
  points: {
    due: number;
    time: number;
    id: string | number;
    outcome: string;
  }[];
}

/** Both times of each open trial; those of a closed one hardly differ. */
export function seriesOf(loads: Load[]): Series[] {
  return loads.flatMap(({ label, color, isOpen, trials }) => {
    const calls = callsOf(medianTrial(trials).rows);
    const timed = (name: "response" | "service", figure: Figure) => ({
      name,
      label: `${label}, ${name} time`,
      points: calls.map((call) => ({
        due: call.due,
        time: milliseconds(call[name]),
        id: idOf(call.row),
        outcome: outcomeOf(call.row),
      })),
      sorted: ascending(calls.map((call) => call[name])),
      p99: spread(trials, figure),
    });
    const response = {
      ...timed("response", ({ response }) => response?.p99),
      color,
      stroke: { strokeWidth: 2.25 },
    };
    const service = {
      ...timed("service", ({ elapsed }) => elapsed?.p99),
      color: "var(--ink)",
      stroke: { strokeWidth: 1.25, strokeDasharray: "4 4" },
    };
    return isOpen ? [response, service] : [response];
  }).flatMap(({ p99, ...one }) =>
    p99 && one.points.length > 0 ? [{ ...one, p99 }] : []
  );
}

/** What an ideal client would have measured in place of a trial. */
export function idealOf(
  { label, color, trials }: Load,
  loads: Load[],
): Curve[] {
  const times = idealTimes(medianTrial(trials), loads);
  if (!times) return [];
  const sorted = ascending(times);
  return [{
    label: `${label}, by the server's law`,
    color,
    stroke: { strokeWidth: 8, strokeOpacity: 0.3 },
    sorted,
    p99: { value: percentile(sorted, 0.99) / 1000 },
  }];
}

/** A logarithm needs more than 0; the rows have microseconds. */
function milliseconds(seconds: number): number {
  return Math.max(seconds, 1e-6) * 1000;
}

/** From seconds to milliseconds. */
function ascending(times: number[]): Float64Array {
  return Float64Array.from(times, milliseconds).sort();
}

export function withP99({ label, p99 }: Curve): string {
  return `${label}: p99 ${plusMinus(p99, formatSeconds)}`;
}

/** The p99 as it is drawn: in milliseconds, where a logarithm can show it. */
export function drawnP99(
  { p99 }: Pick<Curve, "p99">,
  [least]: [number, number],
) {
  const { value, low = value, high = value } = p99;
  const [from, at, to] = [low, value, high]
    .map((seconds) => Math.max(least, milliseconds(seconds)));
  return { from, at, to };
}

const powers = range(-3, 10).map((exponent) => 10 ** exponent);
const levels = powers.flatMap((power) => [power, 2 * power, 5 * power]);

/** An axis on which a freeze and the time of any other call can be seen. */
export function millisecondAxis(curves: Curve[]) {
  const [least = 1, most = 1] = extent(
    curves.flatMap(({ sorted, p99: { value, high = value } }) => [
      ...[sorted[0]!, sorted.at(-1)!],
      ...[value, high].map(milliseconds),
    ]),
  );
  const low = levels.findLast((level) => level < least) ?? levels[0]!;
  // At least a decade, so that no noise looks like a freeze.
  const high = levels.find((level) => level > most && level >= 9 * low) ?? most;
  const inside = (level: number) => level >= low && level <= high;
  const few = powers.filter(inside);
  return {
    type: "log" as const,
    domain: [low, high] as [number, number],
    ticks: few.length > 1 ? few : levels.filter(inside),
    tickFormat: (level: number) =>
      level < 1e4
        ? `${Number(level.toPrecision(1)).toLocaleString("en-US")} ms`
        : `${tickLabel(level / 1000)} s`,
  };
}
