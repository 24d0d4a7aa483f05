/** The three runtimes, and where on this machine there is a program of each. */
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { runtime as own } from "../../../lib/runtime.ts";

const execute = promisify(execFile);

export const runtimeNames = ["deno", "bun", "node"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** A runtime that is there. */
export interface Runtime {
  name: RuntimeName;
  version: string;
  /** The path of the program itself, which starts without npx or a shim. */
  program: string;
}

/** The oldest versions that will do, and the packages of some that do. */
const known: Record<RuntimeName, { least: string; npm: string }> = {
  deno: { least: "2.0.0", npm: "deno@2" },
  // The first whose tests run in parallel and don't crash.
  bun: { least: "1.3.14", npm: "bun@1" },
  node: { least: "22.18.0", npm: "node@24" },
};

/** Prefers what npx has fetched before; without a network it soon gives up. */
const npx = ["npx", "-y", "--prefer-offline"]
  .concat("--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000");

const ask = "const { versions, execPath } = process; " +
  "console.log(versions.deno ?? versions.bun ?? versions.node, execPath)";

/**
 * The runtime that this process is, or that on the PATH if it is new enough, else
 * one that npx fetches; undefined if there is none.
 */
export async function findRuntime(
  name: RuntimeName,
  signal?: AbortSignal,
  env = process.env,
): Promise<Runtime | undefined> {
  const { least, npm } = known[name];
  const here = own.startsWith(`${name} `) ? [[process.execPath]] : [];
  for (const [program, ...rest] of [...here, [name], [...npx, npm]]) {
    const options = [...rest, name === "deno" ? "eval" : "-e", ask];
    const { stdout } = await execute(program!, options, { signal, env })
      .catch(() => ({ stdout: "" }));
    const [, version, path] = /^(\d+\.\d+\.\d+)\S* (.+)$/m.exec(stdout) ?? [];
    if (version && path && isAtLeast(version, least)) {
      return { name, version, program: path };
    }
  }
}

/** Why {@link findRuntime} found none. */
export function notThere(name: RuntimeName): string {
  const { least, npm } = known[name];
  return `there is no ${name} from ${least} on in the PATH, and npx can't ` +
    `fetch ${npm}`;
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, "en", { numeric: true }) >= 0;
}
