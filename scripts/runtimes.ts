/**
 * Does it matter which runtime a script runs on?
 *
 *     deno run -A scripts/runtimes.ts
 *     deno run -A scripts/runtimes.ts --only deno,node --jobs start,users
 *
 * Runs the styles, an attack, users and two servers on Deno, Bun and Node: the
 * ones on the PATH if they are new enough, else those that npx fetches. Trials of
 * all take turns, in an order shuffled by the seed. The clients call one target,
 * and the servers are called by one client, which run on what runs this script.
 *
 * Each job on each runtime writes results/metrics_runtimes-RUNTIME-JOB.csv, and
 * how each runtime's calls look to a server goes to results/runtimes.json. With
 * its defaults it takes ten minutes.
 */
import { cross } from "d3-array";
import { Failure } from "../lib/exit.ts";
import { choice, count, duration, readOptions } from "../lib/options.ts";
import { atEnd, chapter, runTrials, serve, writeOut } from "./chapters/mod.ts";
import { measuring } from "../lib/measure.ts";
import {
  CLIENTS_FILE,
  findRuntime,
  jobNames,
  notThere,
  runtimeNames,
} from "./chapters/names/mod.ts";
import {
  lookAtClients,
  measureTrial,
  startObserver,
} from "./chapters/runtimes/mod.ts";

const options = readOptions({
  only: choice(runtimeNames),
  jobs: choice(jobNames),
  trials: count(6, "how often each job is measured on each runtime"),
  calls: count(30, "calls in a trial of a style"),
  rate: count(500, "calls per second of the attack"),
  users: count(20, "how many call again when they have their answer"),
  duration: duration("2s", "how long the attack lasts, and users call", {
    aboveZero: true,
  }),
  out: measuring.out,
  seed: measuring.seed,
});

const { only, jobs, out, seed } = options;

await chapter(`what was measured is in ${out}`, async (signal) => {
  const observer = await startObserver();
  atEnd(observer.close);
  const target = await serve`target.ts --seed ${seed}`;
  const runtimes = await findRuntimes(signal);
  writeOut(out, CLIENTS_FILE, await lookAtClients(runtimes, observer));
  const way = { ...options, observer, target: target.url, signal };
  await runTrials(
    cross(runtimes, [...new Set(jobs)]),
    options,
    ([runtime, job], rows) => measureTrial(runtime, job, rows, way),
  );
});

/** Those that are there; the others are said, and left out. */
async function findRuntimes(signal: AbortSignal) {
  const names = [...new Set(only)];
  const found = await Promise.all(
    names.map((name) => findRuntime(name, signal)),
  );
  signal.throwIfAborted();
  const gone = names.filter((_, index) => !found[index]);
  for (const name of gone) console.log(`${notThere(name)}; it is left out`);
  if (gone.length === names.length) throw new Failure("no runtime is there");
  return found.filter((runtime) => runtime !== undefined);
}
