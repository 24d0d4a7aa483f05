/** Keeps the runs that are trials of one thing: those that are like the newest. */
import { greatest } from "d3-array";
import { startOf } from "./comparison/mod.ts";
import {
  type Measured,
  type Run,
  type Trial,
  withoutKey,
} from "./trials/mod.ts";

/** The options that decide what a load is. */
const deciding = [
  ...["rate", "ramp", "duration", "users", "spawnRate", "think"],
  ...["maxInFlight", "connections", "method", "targets"],
];

/** The trials with the options of the newest one; the notes count the others. */
export function comparable(measured: Measured): Measured & { notes: string[] } {
  const { trials } = measured;
  const kept = like(greatest(trials, startOf), trials, optionsOf);
  const left = trials.length - kept.length;
  const notes = noteOf(left, `${measured.name} with other options`);
  return { ...measured, trials: kept, notes };
}

/**
 * The trials of the newest series of all, without what has none of it; the notes
 * count those of other series.
 */
export function newestSeries<Found extends Measured & { label: string }>(
  found: Found[],
): { kept: Found[]; notes: string[] } {
  const newest = greatest(found.flatMap(({ trials }) => trials), startOf);
  const all = found.map((one) => (
    { ...one, trials: like(newest, one.trials, (run) => run?.series?.id) }
  ));
  const notes = all.flatMap(({ label, trials }, index) =>
    noteOf(
      found[index]!.trials.length - trials.length,
      `${label} from another series`,
    )
  );
  return { kept: all.filter(({ trials }) => trials.length > 0), notes };
}

function like(
  newest: Trial | undefined,
  trials: Trial[],
  key: (run: Run | undefined) => string | undefined,
): Trial[] {
  const wanted = key(newest?.run);
  return trials.filter(({ run }) => key(run) === wanted);
}

function noteOf(left: number, which: string): string[] {
  const [runs, are] = left === 1 ? ["run", "is"] : ["runs", "are"];
  return left > 0 ? [`${left} ${runs} of ${which} ${are} left out`] : [];
}

function optionsOf(run: Run | undefined): string {
  if (!run) return "";
  const { url } = run.options;
  return JSON.stringify([
    typeof url === "string" && withoutKey(url),
    ...deciding.map((name) => run.options[name]),
  ]);
}
