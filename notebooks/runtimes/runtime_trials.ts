/** The trials on runtimes, as scripts/runtimes.ts measures them. */
import { cross } from "d3-array";
import { capitalize, newestSeries } from "../kit/mod.ts";
import {
  jobNames,
  nameOfJob,
  partsOf,
  type RuntimeName,
  runtimeNames,
} from "../../scripts/chapters/names/mod.ts";
import { measuredNames, readTrials, type Trial } from "../kit/trials/mod.ts";
import type { Combination } from "../kit/combinations/mod.ts";

/**
 * A job on a runtime. To the charts that it shares with the frameworks, the
 * runtime is the server and the job is the route.
 */
export interface OnRuntime extends Combination {
  runtime: RuntimeName;
  job: string;
}

/** The jobs, as "on" stands before them. */
export const jobLabels: Record<string, string> = {
  start: "the first call",
  sync: "sync",
  async: "async",
  semaphore: "semaphore",
  attack: "attack",
  users: "undici",
  fetch: "own fetch",
  bare: "bare node:http",
  hono: "Hono",
  image: "Hono with a picture",
};

const colors: Record<RuntimeName, string> = {
  deno: "var(--semaphore)",
  bun: "var(--sync)",
  node: "var(--async)",
};

/**
 * Reads the trials of the newest series in a folder, by runtime and then by job.
 * Never throws. Runs of another series are no trials, as a note says.
 */
export function readRuntimes(folder: string): {
  measured: OnRuntime[];
  notes: string[];
  problems: string[];
} {
  const found = measuredNames(folder).flatMap((file) => {
    const parts = partsOf(file);
    if (!parts) return [];
    const { runtime, job } = parts;
    const name = nameOfJob(runtime, job);
    // The first row says when a run began.
    const read = readTrials(folder, name, { keep: 1 });
    return [{ ...parts, ...read, label: `${runtime}/${job}` }];
  });
  const { kept, notes } = newestSeries(found);
  const measured = cross(runtimeNames, jobNames).flatMap(([runtime, job]) => {
    const ofRuntime = kept.filter((one) => one.runtime === runtime);
    const server = versionOf(runtime, ofRuntime.flatMap((one) => one.trials));
    return ofRuntime.filter((one) => one.job === job).map((one) => (
      { ...one, server, route: jobLabels[job]!, color: colors[runtime] }
    ));
  });
  return {
    measured,
    notes,
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** As in `Deno 2.9.6`, by what the script says that it ran. */
function versionOf(name: RuntimeName, trials: Trial[]): string {
  const said = trials.map(({ run }) =>
    /^\w+ (\d+\.\d+\.\d+)/.exec(run?.process?.runtime ?? "")?.[1]
  ).find((version) => version !== undefined);
  return [capitalize(name), said].filter(Boolean).join(" ");
}
