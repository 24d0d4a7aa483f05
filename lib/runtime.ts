/** Everything that differs between Deno, Bun and Node. */
import { readFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import project from "../package.json" with { type: "json" };

const { deno, bun, node } = process.versions as Record<string, string>;

/** The runtime that this process is, as in `deno 2.9.6`. */
export const runtime = deno
  ? `deno ${deno}`
  : bun
  ? `bun ${bun}`
  : `node ${node}`;

/** A runtime, `deno`, `bun` or `node`, and the path of its program. */
export interface Program {
  name: string;
  program: string;
}

const own = { name: runtime.split(" ")[0]!, program: process.execPath };

/**
 * The command line that runs a script, by default under the current runtime. Only
 * Deno has `permissions`.
 */
export function command(
  script: string,
  permissions = ["-A"],
  { name, program }: Program = own,
): string[] {
  // #region command
  return name === "deno"
    ? [program, "run", ...permissions, script]
    : [program, script];
  // #endregion
}

/**
 * Calls back after timers and signals have had their turn. Deno sees signals only
 * when it is idle, as between two timers.
 */
export function onceIdle(call: () => void) {
  setTimeout(() => setTimeout(call));
}

/** The machine and the runtime, on which figures depend. */
export function environment(): Record<string, string | number> {
  const cpus = os.cpus();
  return {
    runtime,
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cpus: cpus.length,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    version: project.version,
  };
}

/** Open files that are no connections: rows, locks, streams, the runtime's own. */
export const FILES_RESERVED = 64;

/**
 * How many files this process may open; undefined if unknown, as outside Linux or
 * without the permission to look.
 */
export function openFileLimit(): number | undefined {
  try {
    // Asked at run time: runtimes raise the soft limit to the hard one.
    return parseOpenFileLimit(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    return undefined;
  }
}

/** How many connections this process may open. */
export function mostConnections(limit = openFileLimit() ?? Infinity): number {
  return Math.max(1, limit - FILES_RESERVED);
}

/** The soft limit in the text of /proc/self/limits (proc(5)). */
export function parseOpenFileLimit(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+|unlimited) /m.exec(limits) ?? [];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? Infinity : Number(soft);
}
