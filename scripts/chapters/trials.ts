/**
 * The order of trials: a randomised complete block design (Fisher, The Design of
 * Experiments, 1935). What disturbs the machine for a while disturbs everything
 * that is compared, and nothing always comes first.
 */
import { existsSync } from "node:fs";
import { greatest, group, range, shuffler } from "d3-array";
import pLimit from "p-limit";
import { Failure } from "../../lib/exit.ts";
import {
  lock,
  readRuns,
  resultFiles,
  type Run,
  writeRuns,
} from "../../lib/results.ts";
import { runtime } from "../../lib/runtime.ts";
import { commandLine } from "../../lib/text.ts";
import { uniform } from "../servers/target/mod.ts";
import { words } from "./run.ts";

/** The trials that a run was one of, and its turn among them. */
export interface Series {
  /** Unique to this series. */
  id: string;
  /** The seed of the order. */
  seed: number;
  /** From 1; each trial measures everything once. */
  trial: number;
  /**
   * From 1, counted through all trials in the order of their starts. Runs that
   * need each other, such as a producer and its consumer, share a place.
   */
  place: number;
  /** How many places there are. */
  of: number;
}

export interface Turn<Thing> {
  thing: Thing;
  series: Series;
}

/**
 * The turns of `things`, each of which is measured once in each trial. Every trial
 * has another order; the same seed gives the same orders.
 */
export function interleave<Thing>(
  things: Thing[],
  trials: number,
  seed = 1,
): Turn<Thing>[] {
  const id = crypto.randomUUID();
  let drawn = 0;
  const shuffle = shuffler(() => uniform(seed, drawn++));
  const order = range(trials).flatMap(() => shuffle([...things]));
  return order.map((thing, index, { length: of }) => {
    const trial = Math.floor(index / things.length) + 1;
    return { thing, series: { id, seed, trial, place: index + 1, of } };
  });
}

/**
 * The turns that the newest series in the folder still lacks, as part of that
 * series; all of them if the folder has none.
 *
 * @throws {Failure} if that series had other turns or another load
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

/** The result of a turn. */
export interface Trial {
  /** Its runs, and what their JSON holds of them beside the series. */
  runs: { name: string; run: string }[];
  more?: object;
  /** What to print once the JSON is written. */
  line: string | (() => string);
}

/**
 * Measures each thing once in each trial, `atOnce` of them at the same time, and
 * writes to `out` which series its runs are of. `measure` is given the options that
 * say where the rows go: the first trial replaces the files, the others add to them.
 */
export async function runTrials<Thing>(
  things: Thing[],
  { trials, out, seed, atOnce = 1 }: {
    trials: number;
    out: string;
    seed: number;
    atOnce?: number;
  },
  measure: (thing: Thing, rows: string[], trial: number) => Promise<Trial>,
  turns = interleave(things, trials, seed),
) {
  async function take({ thing, series }: Turn<Thing>) {
    const { trial } = series;
    const rows = words`--out ${out} ${trial > 1 ? ["--append"] : []}`;
    const { runs, more, line } = await measure(thing, rows, trial);
    for (const run of runs) amendRun(out, run, { series, ...more });
    const text = typeof line === "string" ? line : line();
    console.log(`trial ${trial} of ${trials}: ${text}`);
  }

  // One after another, since all trials of a thing write the same file.
  for (const trial of group(turns, ({ series }) => series.trial).values()) {
    const semaphore = pLimit({ concurrency: atOnce, rejectOnClear: true });
    const taken = trial.map((turn) => semaphore(take, turn));
    // One that fails keeps the others from starting.
    for (const one of taken) one.catch(() => semaphore.clearQueue());
    await Promise.all(taken);
  }
}

/**
 * Adds to what the JSON says of a run that this script had made.
 *
 * @throws {Failure} if it doesn't list the run, or another one is being written
 */
export function amendRun(
  folder: string,
  { name, run }: Pick<Run, "name" | "run">,
  addition: object,
) {
  const { csv, json } = resultFiles(folder, name);
  const unlock = existsSync(json) ? lock(csv) : () => {};
  try {
    const runs = readRuns(json);
    const amended = runs.find((each) => each.run === run);
    if (!amended) {
      throw new Failure(
        `${json} doesn't list run ${run} any more; measure into a folder that ` +
          "nothing else writes to (--out)",
      );
    }
    const by = { by: commandLine(), byRuntime: runtime };
    Object.assign(amended, addition, by);
    writeRuns(json, runs);
  } finally {
    unlock();
  }
}
