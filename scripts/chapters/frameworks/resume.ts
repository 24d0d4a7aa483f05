/** Where an interrupted series of trials goes on. */
import { greatest } from "d3-array";
import { Failure } from "../../../lib/exit.ts";
import { readRuns, resultFiles, type Run } from "../../../lib/results.ts";
import { interleave, type Series, type Turn } from "../trials.ts";

/**
 * The turns that the newest series in the folder has not had, as its own; all of
 * them if there is none.
 *
 * @throws {Failure} if its runs had other turns or another load
 */
export function unfinished<Thing extends { name: string }>(
  things: Thing[],
  { out, trials, seed }: { out: string; trials: number; seed: number },
  load: object,
): Turn<Thing>[] {
  const turns = interleave(things, trials, seed);
  const runs = things
    .flatMap(({ name }) =>
      readRuns<{ series?: Series; by?: string }>(resultFiles(out, name).json)
    )
    .flatMap((run) => run.series ? { ...run, series: run.series } : []);
  const newest = greatest(runs, ({ start }) => start)?.series;
  if (!newest) return turns;

  const done = runs.filter(({ series }) => series.id === newest.id);
  for (const run of done) {
    const { place, of, seed } = run.series;
    const { thing, series } = turns[place - 1] ?? turns[0]!;
    const isOurs = thing.name === run.name && of === series.of &&
      seed === series.seed;
    if (isOurs && hasLoad(run, load)) continue;
    const by = run.by ?? run.command;
    throw new Failure(
      `the series in ${out} was asked for in another way (${by}, ` +
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
