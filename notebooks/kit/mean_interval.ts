/** Figures over several trials, and how they are written. */
import { extent } from "d3-array";
import { type Estimate, meanOf, withUnitOnce } from "./comparison/mod.ts";
import { formatNumber } from "../../lib/format.ts";
import type { Summary } from "../../lib/summary.ts";
import type { Trial } from "./trials/mod.ts";

/** The mean of a figure, with its 95 % interval if the trials allow one. */
export interface Spread extends Estimate {
  /** One for each trial that has the figure. */
  values: number[];
  /** How many trials there are, if some may not have it. */
  of?: number;
}

/** One figure of a trial; undefined where it was not measured. */
export type Figure = (summary: Summary) => number | undefined;

/** A number and its unit, if it has one, after a space. */
export type Format = (value: number) => string;

/** As in `12.3 %`. */
export function percent(value: number): string {
  return `${formatNumber(value)} %`;
}

/** The spread of a figure; undefined where no trial has it. */
export function spread(trials: Trial[], figure: Figure): Spread | undefined {
  return spreadBy(trials, ({ summary }) => figure(summary));
}

/** The spread of what each trial has; undefined if none has it. */
export function spreadBy<T extends Trial>(
  trials: T[],
  of: (trial: T) => number | undefined,
): Spread | undefined {
  const found = spreadOf(trials.flatMap((trial) => of(trial) ?? []));
  return found && { ...found, of: trials.length };
}

/** The spread of one value from each trial; undefined if there is none. */
export function spreadOf(values: number[]): Spread | undefined {
  return values.length > 0 ? { ...meanOf(values), values } : undefined;
}

/**
 * As in `1.92 ± 0.01 s`, or in `1.92 s` if there is no interval; with how many
 * trials it is of, unless it is of all.
 */
export function plusMinus(found: Estimate | Spread, format: Format): string {
  const [number, unit] = format(found.value).split(" ");
  const half = halfOf(found, format);
  const fewer = "values" in found ? fewerOf(found) : "";
  return [number, half && `± ${half}`, unit, fewer && `(${fewer})`]
    .filter(Boolean).join(" ");
}

/** As in `9 of 10 trials`; empty if it is of all. */
function fewerOf({ values, of = values.length }: Spread): string {
  return values.length < of ? `${values.length} of ${of} trials` : "";
}

/**
 * What stands beside the mean: `± 0.01 s` or, without an interval, the least and
 * the most as in `(1.90 to 1.95 s)`, and how many trials it is of, unless it is of
 * all; nothing if all trials are the same.
 */
export function margin(found: Spread, format: Format): string {
  return [marginOf(found, format), fewerOf(found)].filter(Boolean).join(", ");
}

function marginOf(found: Spread, format: Format): string {
  const [, unit] = format(found.value).split(" ");
  const half = halfOf(found, format);
  if (half) return ["±", half, unit].filter(Boolean).join(" ");
  const [least, most] = extent(found.values).map((value) => format(value!));
  return least === most ? "" : `(${withUnitOnce(least!, most!)})`;
}

/** Half of a symmetric interval, with the unit and the digits of its middle. */
function halfOf({ value, high }: Estimate, format: Format): string | undefined {
  if (high === undefined || high === value) return undefined;
  const [number, unit] = format(value).split(" ");
  const digits = number!.split(".")[1]?.length ?? 0;
  // Of all formats only that of times changes its unit.
  const half = (high - value) * (unit === "ms" ? 1000 : 1);
  return Math.max(half, 10 ** -digits).toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
