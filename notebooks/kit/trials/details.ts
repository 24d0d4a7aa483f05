/** Reads the runs in the JSON beside a CSV. */
import fs from "node:fs";
import { z } from "zod";
import { messageOf } from "../../../lib/exit.ts";
import { readRuns } from "../../../lib/results.ts";

const number = z.number().nonnegative();
const positive = z.number().positive();
const date = z.string().refine((text) => !isNaN(Date.parse(text)));

/** The options by which runs are compared; others may be anything. */
const options = z.looseObject({
  calls: number.optional(),
  duration: number.optional(),
  ramp: number.optional(),
  rate: z.array(z.looseObject({ limit: positive, per: positive })).optional(),
  url: z.string().refine((url) => URL.canParse(url)).optional(),
  warmup: number.optional(),
});

const run = z.looseObject({
  run: z.string().min(1),
  name: z.string(),
  command: z.string(),
  options: z.record(z.string(), z.unknown()),
  start: date,
  end: date.optional(),
  concurrency: number.nullable(),
  interval: number.optional(),
  hasOptimum: z.boolean().optional(),
  calls: number.optional(),
  unique: z.boolean().optional(),
  byMessage: z.boolean().optional(),
  messages: z.record(z.string(), number).optional(),
  redelivered: z.array(z.string()).optional(),
  outages: z.looseObject({ times: number, seconds: number }).optional(),
  interrupted: z.boolean().optional(),
  doubts: z.array(z.string()).optional(),
  seconds: number.optional(),
  cpu: number.optional(),
  environment: z.record(z.string(), z.union([z.string(), number])),
  // The command and the runtime of the chapter's script.
  by: z.string().optional(),
  byRuntime: z.string().optional(),
  series: z.looseObject({
    ...{ id: z.string(), seed: number, trial: number, place: number },
    of: number,
  }).optional(),
  // Processor time in seconds per second, memory in bytes, lag in seconds.
  server: z.looseObject({
    cpu: number,
    memory: number,
    lag: z.looseObject({ p50: number, p99: number, max: number }).optional(),
  }).optional(),
  process: z.looseObject({
    runtime: z.string(),
    start: number.optional(),
    memory: number.optional(),
  }).optional(),
  highest: z.looseObject({
    find: z.string(),
    held: number.optional(),
    broken: number.optional(),
    limited: z.boolean(),
  }).optional(),
  // What a service with a limit counted, and what was left in the queue.
  service: z.looseObject({ accepted: number, rejected: number }).optional(),
  left: number.optional(),
});

/** A run as lib/results.ts writes it, with what the chapters' scripts add. */
export type Run = z.infer<typeof run>;

/**
 * The runs that a JSON lists; never throws. One that can't be understood is a
 * problem, and is left out.
 */
export function readDetails(file: string): { runs: Run[]; problems: string[] } {
  const nothing = (problem: string) => ({ runs: [], problems: [problem] });
  if (!fs.existsSync(file)) return nothing(`${file}: there is no such file`);
  let entries: unknown[];
  try {
    entries = readRuns(file);
  } catch (error) {
    return nothing(
      `${file}:1: ${
        error instanceof TypeError ? "it doesn't list runs" : messageOf(error)
      }`,
    );
  }
  const problems: string[] = [];
  const runs = entries.filter((entry, index): entry is Run => {
    const problem = problemOf(entry);
    if (problem) problems.push(`${file}:1: entry ${index + 1} is ${problem}`);
    return !problem;
  });
  return { runs, problems };
}

function problemOf(entry: unknown): string | undefined {
  const read = run.safeParse(entry);
  const found = read.success ? options.safeParse(read.data.options) : read;
  if (found.success) return undefined;
  const [name] = found.error.issues[0]!.path;
  if (name === undefined) return "not a run";
  const given = (read.success ? read.data.options : entry) as never;
  const value = given[name] as unknown;
  if (value === undefined) return `skipped: it has no ${String(name)}`;
  const text = JSON.stringify(value);
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return `skipped: its ${String(name)} can't be ${shown}`;
}
