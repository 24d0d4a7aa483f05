/** Everything that differs between Deno, Bun and Node. */
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

/**
 * The command line that runs a script under this same runtime. Deno gives the
 * script `permissions`; the other two have none to give.
 */
export function command(script: string, permissions = ["-A"]): string[] {
  return deno
    ? [process.execPath, "run", ...permissions, script]
    : [process.execPath, script];
}

/** Where a run was made: what its figures depend on beside the code. */
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
