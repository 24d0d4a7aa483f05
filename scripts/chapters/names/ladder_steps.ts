/** What scripts/ladder.ts measures, and what its files are called. */
import path from "node:path";
import { cross } from "d3-array";

/** The ways of writing the handler, in the order of the story. */
export const rungs = ["/blocking", "/pool-4", "/pool-40", "/pool-100"]
  .concat("/client-per-request", "/singleton", "/async", "/lean");

export const places = ["loop", "pool"];
export const parts = ["nothing", "body", "model", "http", "all"];

/** Each part of the work alone, in each of the places. */
export const matrix = cross(places, parts)
  .map(([place, part]) => `/${place}/${part}`);

/** What is sustained for longer, and profiled: the two ends of the ladder. */
export const ends = ["/blocking", "/lean"];

/** With and without a queue before the service. */
export const ways = ["/direct", "/queued"];

/** What the rows of a route are called. */
export function nameOf(route: string): string {
  return `webhook${route}`;
}

/** As if the consumers that call the service were a route. */
export const consumerRoute = "/consumer";

/** Where the event loop's lag is, beside the rows. */
export function lagFile(folder: string, name: string): string {
  return path.join(folder, `lag_${name.replaceAll("/", "-")}.csv`);
}

export function profileFile(folder: string, name: string): string {
  return path.join(folder, `profile_${name.replaceAll("/", "-")}.cpuprofile`);
}
