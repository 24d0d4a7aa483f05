/** Which runs of a name are trials of one thing. */
import { group, maxIndex } from "d3-array";
import {
  type Measured,
  type Run,
  type Trial,
  withoutKey,
} from "./trials/mod.ts";

export interface Comparable extends Measured {
  /** Which runs are no trials of it, and why. */
  notes: string[];
}

/** The options that decide what a load is. */
const deciding = [
  ...["rate", "ramp", "duration", "users", "spawnRate", "think"],
  ...["maxInFlight", "connections", "method", "targets"],
];

/** The trials that were measured with the options of the newest one. */
export function comparable(measured: Measured): Comparable {
  const { name, trials } = measured;
  const kept = newest(trials);
  const left = trials.length - kept.length;
  const [runs, are] = left === 1 ? ["run", "is"] : ["runs", "are"];
  const note = `${left} ${runs} of ${name} with other options ${are} left out`;
  return { ...measured, trials: kept, notes: left > 0 ? [note] : [] };
}

function newest(trials: Trial[]): Trial[] {
  const index = maxIndex(trials, ({ rows }) => rows.at(0)!.timestamp);
  if (index < 0) return [];
  return group(trials, ({ run }) => optionsOf(run))
    .get(optionsOf(trials[index]!.run))!;
}

function optionsOf(run: Run | undefined): string {
  if (!run) return "";
  const { url } = run.options;
  return JSON.stringify([
    typeof url === "string" && withoutKey(url),
    ...deciding.map((name) => run.options[name]),
  ]);
}
