/** What a server takes while it is measured, by its own account. */
import type { Distribution } from "../../../lib/statistics.ts";
import { fetchDirectly } from "../../fetch/mod.ts";

/** What a server took while it was measured. */
export interface ServerUse {
  /** Processor time, in seconds per second; GET /stats answers the seconds. */
  cpu: number;
  /** The most memory that it ever had, in bytes. */
  memory: number;
  /** How much later than due its event loop came round, in seconds. */
  lag?: Distribution;
}

const PATIENCE = 5_000;

/**
 * Starts to measure what the server takes. What is returned ends it, given how
 * many seconds of work that was: undefined if the server doesn't tell.
 */
export async function startServerUse(
  url: string,
): Promise<(seconds?: number) => Promise<ServerUse | undefined>> {
  const before = await ask(url);
  return async (seconds) => {
    const after = before && await ask(url);
    if (!after || !seconds) return undefined;
    const { cpu, memory, lag } = after;
    return { cpu: (cpu - before.cpu) / seconds, memory, lag };
  };
}

async function ask(url: string): Promise<ServerUse | undefined> {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetchDirectly(`${url}/stats`, { signal });
    const stats = await answer.json();
    if (answer.ok && stats.cpu >= 0 && stats.memory >= 0) return stats;
  } catch {
    // Any server can be measured, and few have such a page.
  }
}
