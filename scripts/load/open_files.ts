/** How many connections this process may have: each is an open file. */
import { readFileSync } from "node:fs";
import { wrong } from "../../lib/options.ts";

/** Files beside the connections: rows, locks, streams, the runtime's own. */
const RESERVE = 64;

/**
 * How many files this process may open; undefined where nobody tells, as
 * outside Linux or without the permission to look.
 */
export function openFileLimit(): number | undefined {
  try {
    // Asked at run time: runtimes raise the soft limit to the hard one.
    return parseOpenFileLimit(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    return undefined;
  }
}

/** How many connections that allows. */
export function mostConnections(limit = openFileLimit() ?? Infinity): number {
  return Math.max(1, limit - RESERVE);
}

/** The soft limit in the text of /proc/self/limits (proc(5)). */
export function parseOpenFileLimit(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+|unlimited) /m.exec(limits) ?? [];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? Infinity : Number(soft);
}

/**
 * Checks that so many connections can be open at once. `what` asks for them, as
 * in `--users 70000`, and ends the script with code 2 when they can't.
 */
export function checkOpenFiles(
  connections: number,
  what: string,
  limit = openFileLimit(),
): void {
  const needed = connections + RESERVE;
  if (limit === undefined || needed <= limit) return;
  wrong(
    `${what} needs ${needed} open files, and this shell allows ${limit}; ` +
      `run ulimit -n ${needed} first, as root if that is refused`,
  );
}
