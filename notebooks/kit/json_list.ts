/** Reads JSON files that list entries. */
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { messageOf } from "../../lib/exit.ts";

/**
 * The entries of a file that fit the schema; never throws. The others are problems,
 * which say what an entry should be, as is a file without a list, which the command
 * `by` writes.
 */
export function readList<Entry>(
  file: string,
  schema: z.ZodType<Entry>,
  { list, entry, by }: { list: string; entry: string; by: string },
): { entries: Entry[]; problems: string[] } {
  const problems: string[] = [];
  const entries: Entry[] = [];
  try {
    const all: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!Array.isArray(all)) throw new Error(`it lists no ${list}`);
    for (const [index, given] of all.entries()) {
      const { success, data } = schema.safeParse(given);
      if (success) entries.push(data);
      else {
        problems.push(
          `${file}: entry ${index + 1} is skipped: it is not ${entry}`,
        );
      }
    }
  } catch (error) {
    problems.push(`${file}:1: ${messageOf(error)}; ${by} writes it`);
  }
  return { entries, problems };
}
