/** What a server counted for each run against one of its rate limits. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { messageOf } from "../../lib/exit.ts";
import { isOk } from "../../lib/row.ts";
import type { Rows } from "../kit/rows/mod.ts";

/** A strategy, and the kind of limit that it met. */
export interface Pair {
  strategy: string;
  kind: string;
}

/** One entry of limits.json. */
export interface Counted extends Pair {
  run: string;
  calls: number;
  /** From the first call being due to the last one's end. */
  seconds: number;
  /** Requests that the server allows each second. */
  limit: number;
  accepted: number;
  rejected: number;
  /** How many runs were made at the same time. */
  atOnce?: number;
}

export const isSame = (one: Pair) => (other: Pair) =>
  one.strategy === other.strategy && one.kind === other.kind;

/**
 * The share of the limit that a run used: from 0 to 1. A run that was over
 * before the limit could have let all its calls through is charged that time.
 */
export function used({ calls, seconds, limit, accepted }: Counted): number {
  return accepted / (limit * Math.max(seconds, calls / limit));
}

/** What can be used of a folder's limits.json; never throws. */
export function readCounted(
  folder: string,
  known: Pair[],
): { counted: Counted[]; problems: string[] } {
  const file = path.join(folder, "limits.json");
  const nothing = (problem: string) => ({
    counted: [],
    problems: [`${problem}; deno run -A scripts/limits.ts writes it`],
  });
  if (!existsSync(file)) return nothing(`${file}: there is no such file`);
  try {
    const all: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!Array.isArray(all)) return nothing(`${file}:1: it doesn't list runs`);
    const isUsable = (entry: unknown) => isCounted(entry, known);
    const problems = all.flatMap((entry, index) =>
      isUsable(entry) ? [] : `${file}: entry ${index + 1} is skipped: it is ` +
        "not the count of a run of scripts/limits.ts"
    );
    return { counted: all.filter(isUsable), problems };
  } catch (error) {
    return nothing(`${file}:1: ${messageOf(error)}`);
  }
}

/** Where the rows of the same runs say something else than the server. */
export function differences(
  counted: Counted[],
  rowsOf: Map<string, Rows>,
): string[] {
  return counted.flatMap(({ run, strategy, kind, accepted, rejected }) => {
    const rows = rowsOf.get(run) ?? [];
    const ok = rows.filter(isOk).length;
    const refused = rows.filter(({ status }) => status === 429).length;
    if (ok === accepted && refused === rejected) return [];
    return [
      `${strategy}/${kind}, run ${run}: ${ok} accepted and ${refused} refused ` +
      `in the rows, ${accepted} and ${rejected} by the server`,
    ];
  });
}

function isCounted(entry: unknown, known: Pair[]): entry is Counted {
  const given = (entry ?? {}) as Counted;
  const { run, calls, limit, seconds, accepted, rejected } = given;
  const numbers = [calls, limit, seconds, accepted, rejected];
  return known.some(isSame(given)) && typeof run === "string" &&
    numbers.every((value) => Number.isFinite(value) && value >= 0) &&
    calls > 0 && limit > 0;
}
