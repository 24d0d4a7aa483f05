/** What the chapters measure, and what their files are called. */
import path from "node:path";
import { cross } from "d3-array";
import { type RuntimeName, runtimeNames } from "./find_runtime.ts";

export {
  findRuntime,
  notThere,
  type Runtime,
  type RuntimeName,
  runtimeNames,
} from "./find_runtime.ts";

/** The image servers that the project has, each a script of scripts/servers/. */
export const serverNames = ["bare", "express", "fastify", "hono"];

/** The ways in which they are handed a picture, each a page below /magic. */
export const routeNames = ["imageurl", "base64", "multipart"];

/** The ways of writing the webhook's handler, in the order of the story. */
export const rungs = ["/blocking", "/pool-4", "/pool-40", "/pool-100"]
  .concat("/client-per-request", "/singleton", "/async", "/lean");

export const places = ["loop", "pool"];
export const parts = ["nothing", "body", "model", "http", "all"];

/** Each part of the webhook's work alone, in each of the places. */
export const matrix = cross(places, parts)
  .map(([place, part]) => `/${place}/${part}`);

/** What is sustained for longer, and profiled: the two ends of the ladder. */
export const ends = ["/blocking", "/lean"];

/** With and without a queue before the service. */
export const ways = ["/direct", "/queued"];

/** As if the consumers that call the service were a route. */
export const consumerRoute = "/consumer";

/** How long a hand-over takes by default: one of the source, 1 s / 42. */
export const HAND_OVER = "24ms";

/** What the rows of a webhook's route are called. */
export function nameOf(route: string): string {
  return `webhook${route}`;
}

/** Where the event loop's lag is, beside the rows. */
export function lagFile(folder: string, name: string): string {
  return path.join(folder, `lag_${name.replaceAll("/", "-")}.csv`);
}

export function profileFile(folder: string, name: string): string {
  return path.join(folder, `profile_${name.replaceAll("/", "-")}.cpuprofile`);
}

/** What runs under each runtime, and calls one and the same server. */
const clientJobs = ["start", "sync", "async", "semaphore"]
  .concat("attack", "users", "fetch");

/** What is called, under each runtime, by one and the same client. */
export const serverJobs = ["bare", "hono", "image"];

export const jobNames = [...clientJobs, ...serverJobs];

/** How a runtime makes calls: by the scripts, by `import "undici"`, and by fetch. */
export const clientWays = ["scripts", "undici", "fetch"] as const;

/** The file in the folder of `--out` that tells how these look to a server. */
export const CLIENTS_FILE = "runtimes.json";

/** Its file, with dashes, is none of those that other chapters look for. */
export function nameOfJob(runtime: RuntimeName, job: string): string {
  return `runtimes/${runtime}/${job}`;
}

/** The runtime and the job of a file's name, if it has any. */
export function partsOf(
  name: string,
): { runtime: RuntimeName; job: string } | undefined {
  const [, runtime, job] = file.exec(name) ?? [];
  return runtime && job ? { runtime: runtime as RuntimeName, job } : undefined;
}

const file = new RegExp(
  `^runtimes-(${runtimeNames.join("|")})-(${jobNames.join("|")})$`,
);
