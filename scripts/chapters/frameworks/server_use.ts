/** What a server uses while it is measured, as it says itself. */
import type { Distribution } from "../../../lib/statistics.ts";
import type { Summary } from "../../../lib/summary.ts";
import { fetchDirectly } from "../../fetch/mod.ts";
import { measure } from "../run.ts";

/** What a server used while it was measured. */
export interface ServerUse {
  /** Processor time, in seconds per second; GET /stats answers the seconds. */
  cpu: number;
  /** The most memory that it ever had, in bytes. */
  memory: number;
  /** How much later than due its event loop came round, in seconds. */
  lag?: Distribution;
}

const PATIENCE = 5_000;

/** Has users call a server, and asks the server what it used for them. */
export async function measureUsers(
  server: string,
  options: string[],
): Promise<{ summary: Summary; use?: ServerUse }> {
  const before = await ask(server);
  const summary = await measure`users.ts ${options}`;
  const after = before && await ask(server);
  if (!after || !summary.seconds) return { summary };
  const { memory, lag } = after;
  const cpu = (after.cpu - before.cpu) / summary.seconds;
  return { summary, use: { cpu, memory, lag } };
}

async function ask(server: string): Promise<ServerUse | undefined> {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetchDirectly(`${server}/stats`, { signal });
    const stats = await answer.json();
    if (answer.ok && stats.cpu >= 0 && stats.memory >= 0) return stats;
  } catch {
    // Any server can be measured, and few have such a page.
  }
}
