/** What is measured on each runtime, and what its rows are called. */
import { type RuntimeName, runtimeNames } from "./find_runtime.ts";

/** What runs under each runtime, and calls one and the same server. */
export const clientJobs = [
  ...["start", "sync", "async", "semaphore", "attack", "users", "fetch"],
];

/** What is called, under each runtime, by one and the same client. */
export const serverJobs = ["bare", "hono", "image"];

export const jobNames = [...clientJobs, ...serverJobs];

/** Its file, with dashes, is none of those that other chapters look for. */
export function nameOfJob(runtime: RuntimeName, job: string): string {
  return `runtimes/${runtime}/${job}`;
}

const file = new RegExp(
  `^runtimes-(${runtimeNames.join("|")})-(${jobNames.join("|")})$`,
);

/** The runtime and the job of a file's name, if it has any. */
export function partsOf(
  name: string,
): { runtime: RuntimeName; job: string } | undefined {
  const [, runtime, job] = file.exec(name) ?? [];
  return runtime && job ? { runtime: runtime as RuntimeName, job } : undefined;
}
