/** Whether the generator of the load, and not the server, held the calls up. */
import process from "node:process";
import { formatSeconds } from "../../lib/format.ts";
import type { Facts, Generator } from "../../lib/recording.ts";

/** A p99 of the lateness above this share of the median call is doubted... */
const SHARE = 0.5;
/** ...unless it is shorter than this, and above this it always is, in seconds. */
const TICK = 0.001;
const LONG = 0.1;
/** Of one core: JavaScript runs on one. */
const FULL = 0.95;

/** Starts to measure the processor time of this process. */
export function watchGenerator(): Generator {
  const cpu = startCpu();
  let used: Cpu | undefined;
  return {
    stop: () => void (used = cpu()),
    cpu: () => used?.all,
    doubts: (facts) => doubtsOf({ ...facts, cpu: used }),
  };
}

/** Why figures are not to be trusted, if anything speaks against them. */
export function doubtsOf(
  { elapsed, unsent = 0, cpu, ...facts }: Facts & { cpu?: Cpu },
): string[] {
  // Nothing but the generator makes a user wait before the call.
  const lateness = facts.lateness ?? facts.wait;
  const half = SHARE * (elapsed?.p50 ?? 0);
  const most = Math.min(Math.max(TICK, half), LONG);
  const late = lateness !== undefined && lateness.p99 > most;
  const early = lateness !== undefined && lateness.min < -TICK;
  return [
    early &&
    `the load generator was early, by up to ${formatSeconds(-lateness.min)}`,
    late &&
    `load generator overloaded: calls left up to ` +
      `${formatSeconds(lateness.p99)} late (p99; limit ${formatSeconds(most)})`,
    cpu && cpu.thread > FULL &&
    `load generator busy: it used ${Math.round(cpu.thread * 100)} % of a ` +
      "core, so answers may have waited for it",
    unsent > 0 && `the load generator was too slow to send ${calls(unsent)}`,
  ].filter((doubt) => typeof doubt === "string");
}

function calls(count: number): string {
  return count === 1 ? "1 call" : `${count} calls`;
}

/** Processor time, in seconds per second. */
interface Cpu {
  /** Of this thread where the runtime can tell, else of all. */
  thread: number;
  /** Of all threads, those that collect garbage included. */
  all: number;
}

/** Starts to measure the processor time of this process. */
export function startCpu(): () => Cpu {
  const begun = performance.now();
  const thread = process.threadCpuUsage?.();
  const all = process.cpuUsage();
  return () => {
    const share = ({ user, system }: NodeJS.CpuUsage) =>
      (user + system) / 1000 / (performance.now() - begun);
    const used = share(process.cpuUsage(all));
    const own = thread && share(process.threadCpuUsage(thread));
    return { thread: own ?? used, all: used };
  };
}
