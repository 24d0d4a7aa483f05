/** What a server counted for each run against one of its rate limits. */
import { existsSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { isOk } from "../../lib/row.ts";
import { readList } from "../kit/mod.ts";
import type { Rows } from "../kit/rows/mod.ts";

const count = z.number().nonnegative();

/** One entry of limits.json. */
const counted = z.looseObject({
  strategy: z.string(),
  kind: z.string(),
  run: z.string(),
  calls: z.number().positive(),
  /** From the first call being due to the last one's end. */
  seconds: count,
  /** Requests that the server allows each second. */
  limit: z.number().positive(),
  accepted: count,
  rejected: count,
  /** How many runs were made at the same time. */
  atOnce: count.optional(),
});

export type Counted = z.infer<typeof counted>;
/** A strategy, and the kind of limit that it met. */
type Pair = Pick<Counted, "strategy" | "kind">;

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
  if (!existsSync(file)) {
    const problem = `${file}: there is no such file; ` +
      "deno run -A scripts/limits.ts writes it";
    return { counted: [], problems: [problem] };
  }
  const { entries, problems } = readList(
    file,
    counted.refine((entry) => known.some(isSame(entry))),
    {
      list: "runs",
      entry: "the count of a run of scripts/limits.ts",
      by: "deno run -A scripts/limits.ts",
    },
  );
  return { counted: entries, problems };
}

/** The runs whose rows disagree with the server's counts. */
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
