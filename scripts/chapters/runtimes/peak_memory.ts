/** The most memory that another process has while it runs. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** How often it looks, in milliseconds: what is reached after that is not seen. */
const LOOK = 50;

/**
 * Watches a process until it is told to stop, which gives the bytes; undefined if
 * nobody can tell. Linux knows the peak itself, where others are asked again and
 * again (ps) for what is resident.
 */
export function watchMemory(pid: number): () => number | undefined {
  let most: number | undefined;
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    const bytes = await residentBytes(pid);
    if (bytes) most = Math.max(most ?? 0, bytes);
    isLooking = false;
  }, LOOK);
  return () => {
    clearInterval(timer);
    return most;
  };
}

async function residentBytes(pid: number): Promise<number> {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    const { stdout } = await execute("ps", ["-o", "rss=", "-p", String(pid)])
      .catch(() => ({ stdout: "" }));
    return Number(stdout) * 1024;
  }
}
