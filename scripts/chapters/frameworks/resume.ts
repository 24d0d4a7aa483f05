/** Where an interrupted series of trials goes on. */
import { greatest } from "d3-array";
import { Failure } from "../../../lib/exit.ts";
import type { Series } from "../trials.ts";
import { readRuns, resultFiles, type Run } from "../../../lib/results.ts";

/** A trial of a series, and the name that its rows have. */
interface Turn {
  name: string;
  series: Series;
}

/**
 * The turns that the newest series in the folder has not had, as its own; all of
 * them if there is none.
 *
 * @throws {Failure} if its runs had other turns or another load
 */
export function unfinished<T extends Turn>(
  folder: string,
  turns: T[],
  load: object,
): T[] {
  const names = [...new Set(turns.map(({ name }) => name))];
  const runs = names
    .flatMap((name) =>
      readRuns<{ series?: Series; by?: string }>(
        resultFiles(folder, name).json,
      )
    )
    .flatMap((run) => run.series ? { ...run, series: run.series } : []);
  const newest = greatest(runs, ({ start }) => start)?.series;
  if (!newest) return turns;

  const done = runs.filter(({ series }) => series.id === newest.id);
  for (const run of done) {
    const { place, of, seed } = run.series;
    const { name, series } = turns[place - 1] ?? turns[0]!;
    const isOurs = name === run.name && of === series.of &&
      seed === series.seed;
    if (isOurs && hasLoad(run, load)) continue;
    const by = run.by ?? run.command;
    throw new Failure(
      `the series in ${folder} was asked for in another way (${by}, ` +
        `place ${place} of ${of}, seed ${seed}); ` +
        "--resume takes the options that it was started with, and without " +
        "--resume a new one replaces it",
    );
  }
  const had = new Set(done.map(({ series }) => series.place));
  return turns.filter(({ series }) => !had.has(series.place))
    .map((turn) => ({ ...turn, series: { ...turn.series, id: newest.id } }));
}

function hasLoad({ options }: Run, load: object): boolean {
  return Object.entries(load)
    .every(([name, value]) => options[name] === value);
}
