/** What a server takes while it is measured, by its own account. */
import { fetchDirectly } from "../../fetch/mod.ts";

import type { Distribution } from "../../../lib/statistics.ts";

/** What a server took while it was measured. */
export interface ServerUse {
  /** Processor time, in seconds per second. */
  cpu: number;
  /** The most memory that it ever had, in bytes. */
  memory: number;
  /** How much later than due its event loop came round, in seconds. */
  lag?: Distribution;
}

/** What GET /stats of a server answers, if it has that. */
interface Stats {
  /** Processor time since its start, in seconds. */
  cpu: number;
  /** The most memory that it ever had, in bytes. */
  memory: number;
  /** Of its event loop, since it was last asked. */
  lag?: ServerUse["lag"];
}

const PATIENCE = 5_000;

/**
 * Starts to measure what the server takes. What is returned ends it, given how
 * many seconds of work that was: undefined of a server that doesn't tell.
 */
export async function startServerUse(
  url: string,
): Promise<(seconds?: number) => Promise<ServerUse | undefined>> {
  const before = await ask(url);
  return async (seconds) => {
    const after = before && await ask(url);
    if (!before || !after || !seconds) return undefined;
    const { memory, lag } = after;
    return { cpu: (after.cpu - before.cpu) / seconds, memory, lag };
  };
}

async function ask(url: string): Promise<Stats | undefined> {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetchDirectly(`${url}/stats`, { signal });
    const stats = await answer.json();
    const isTold = answer.ok && stats.cpu >= 0 && stats.memory >= 0;
    return isTold ? stats : undefined;
  } catch {
    // Anybody's server can be measured, and few have such a page.
    return undefined;
  }
}
