/** The newest of several series of trials that a folder holds. */
import { greatest } from "d3-array";
import { startOf } from "./comparison/mod.ts";
import type { Measured, Trial } from "./trials/mod.ts";

/**
 * Keeps the trials of the newest series, and says of the others how many they
 * are: what has none left is not there.
 */
export function newestSeries<Found extends Measured & { label: string }>(
  found: Found[],
): { kept: Found[]; notes: string[] } {
  const newest = greatest(found.flatMap(({ trials }) => trials), startOf);
  const isKept = ({ run }: Trial) =>
    run?.series?.id === newest?.run?.series?.id;
  const notes = found.flatMap(({ label, trials }) => {
    const left = trials.filter((trial) => !isKept(trial)).length;
    const [runs, are] = left === 1 ? ["run", "is"] : ["runs", "are"];
    return left > 0
      ? [`${left} ${runs} of ${label} from another series ${are} left out`]
      : [];
  });
  const kept = found
    .map((one) => ({ ...one, trials: one.trials.filter(isKept) }))
    .filter(({ trials }) => trials.length > 0);
  return { kept, notes };
}
