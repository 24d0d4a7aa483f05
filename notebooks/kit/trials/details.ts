/** What the JSON beside a CSV says of its runs, as far as it can be used. */
import fs from "node:fs";
import { messageOf } from "../../../lib/exit.ts";
import { readRuns } from "../../../lib/results.ts";
import type { Run } from "./run.ts";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isNumber: Check = (value) => Number.isFinite(value) && Number(value) >= 0;
const isDate: Check = (value) =>
  isText(value) && !isNaN(Date.parse(`${value}`));
const isObject: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (check: Check): Check => (value) =>
  Array.isArray(value) && value.every(check);
const maybe = (check: Check): Check => (value) =>
  value === undefined || check(value);

function has(checks: Record<string, Check>): Check {
  return (value) =>
    isObject(value) && wrongIn(value as object, checks) === undefined;
}

/** The first of the checked entries that can't be what it is. */
function wrongIn(
  object: object,
  checks: Record<string, Check>,
): [string, unknown] | undefined {
  const values = object as Record<string, unknown>;
  const name = Object.keys(checks)
    .find((name) => !checks[name]!(values[name]));
  return name === undefined ? undefined : [name, values[name]];
}

const options = {
  calls: maybe(isNumber),
  duration: maybe(isNumber),
  ramp: maybe(isNumber),
  rate: maybe((rates) =>
    isList(has({ limit: isNumber, per: isNumber }))(rates) &&
    (rates as { limit: number; per: number }[])
      .every(({ limit, per }) => limit > 0 && per > 0)
  ),
  url: maybe((url) => isText(url) && URL.canParse(String(url))),
  warmup: maybe(isNumber),
};

const run: Record<string, Check> = {
  run: (value) => isText(value) && value !== "",
  name: isText,
  command: isText,
  options: isObject,
  start: isDate,
  end: maybe(isDate),
  concurrency: (value) => value === null || isNumber(value),
  interval: maybe(isNumber),
  hasOptimum: maybe(isFlag),
  calls: maybe(isNumber),
  unique: maybe(isFlag),
  byMessage: maybe(isFlag),
  messages: maybe((counts) =>
    isObject(counts) && Object.values(counts as object).every(isNumber)
  ),
  redelivered: maybe(isList(isText)),
  outages: maybe(has({ times: isNumber, seconds: isNumber })),
  interrupted: maybe(isFlag),
  doubts: maybe(isList(isText)),
  seconds: maybe(isNumber),
  by: maybe(isText),
  byRuntime: maybe(isText),
  series: maybe(has({
    id: isText,
    ...{ seed: isNumber, trial: isNumber, place: isNumber, of: isNumber },
  })),
  cpu: maybe(isNumber),
  server: maybe(has({
    cpu: isNumber,
    memory: isNumber,
    lag: maybe(has({ p50: isNumber, p99: isNumber, max: isNumber })),
  })),
  process: maybe(has({
    runtime: isText,
    start: maybe(isNumber),
    memory: maybe(isNumber),
  })),
  highest: maybe(has({
    find: isText,
    held: maybe(isNumber),
    broken: maybe(isNumber),
    limited: isFlag,
  })),
  service: maybe(has({ accepted: isNumber, rejected: isNumber })),
  left: maybe(isNumber),
  environment: (value) =>
    isObject(value) &&
    Object.values(value as object).every((part) =>
      isText(part) || isNumber(part)
    ),
};

/**
 * The runs that a JSON lists; never throws. One that can't be understood is a
 * problem, and is not there.
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
  if (!isObject(entry)) return "not a run";
  const given = entry as Run;
  const [name, value] = wrongIn(given, run) ??
    wrongIn(given.options, options) ?? [];
  if (name === undefined) return undefined;
  if (value === undefined) return `skipped: it has no ${name}`;
  const text = JSON.stringify(value);
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return `skipped: its ${name} can't be ${shown}`;
}
