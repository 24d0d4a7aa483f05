/** Figures over several trials: never more is claimed than they show. */
import { greatest, least, quantile } from "d3-array";
import type { Summary } from "../summary.ts";
import { isEmbedded, pagesOf } from "./servers.ts";
import type { Trial } from "./trials.ts";

/** How a figure came out over the trials. */
export interface Spread {
  min: number;
  median: number;
  max: number;
  trials: number;
}

/** One figure of a trial; undefined where it was not measured. */
export type Figure = (summary: Summary) => number | undefined;

/** The spread of a figure; undefined where no trial has it. */
export function spread(trials: Trial[], figure: Figure): Spread | undefined {
  return spreadOf(
    trials.map(({ summary }) => figure(summary))
      .filter((value) => value !== undefined),
  );
}

/** The spread of one value from each trial; undefined if there is none. */
export function spreadOf(values: number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return {
    min: Math.min(...values),
    median: quantile(values, 0.5)!,
    max: Math.max(...values),
    trials: values.length,
  };
}

/** Whether two figures differ by more than their trials do. */
export function differ(a: Spread, b: Spread): boolean {
  return a.max < b.min || b.max < a.min;
}

/** A named thing with a figure over its trials. */
export interface Labelled extends Spread {
  label: string;
}

/**
 * Says how the least and the greatest of several figures differ, as `says` puts
 * it, or that no difference is shown in `what`.
 */
export function contrast(
  measured: { label: string; trials: Trial[] }[],
  figure: Figure,
  what: string,
  says: (least: Labelled, greatest: Labelled) => string,
): string {
  const trials = measured.flatMap(({ trials }) => trials);
  const port = !trials.some(isEmbedded);
  const work = trials.map((trial) => workOf(trial, port));
  if (new Set(work).size > 1) {
    return `No comparison of ${what}: the trials did not make the same calls`;
  }
  const all = measured.flatMap(({ label, trials }) => {
    const found = spread(trials, figure);
    return found ? [{ label, ...found }] : [];
  });
  const low = least(all, ({ median }) => median);
  const high = greatest(all, ({ median }) => median);
  if (!low || !high || low === high) {
    return `Nothing to compare ${low?.label ?? ""} with in ${what}`;
  }
  const pair = `between ${low.label} and ${high.label}`;
  if (!differ(low, high)) return `No difference shown ${pair} in ${what}`;
  const few = Math.min(low.trials, high.trials) === 1;
  return says(low, high) + (few ? ", in a single trial" : "");
}

/** What a trial has in common with those that it can be compared with. */
function workOf(trial: Trial, port: boolean): string {
  return `${trial.summary.calls} calls to ${pagesOf(trial, { port }).join()}`;
}
