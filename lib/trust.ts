/** Whether the generator of the load, and not the server, held the calls up. */
import process from "node:process";
import { formatSeconds } from "./format.ts";
import type { Distribution } from "./statistics.ts";

/** More than this share of the median is not noise; nor is it below a timer's tick. */
const SHARE = 0.5;
const TICK = 0.001;
/** Of one core: JavaScript runs on one. */
const FULL = 0.95;

/** What speaks for or against the generator. */
export interface Generator {
  /** How much later than due calls were started, in seconds. */
  lateness?: Distribution;
  /** How long calls took, in seconds. */
  elapsed?: Distribution;
  /** The processor time of this process, in seconds per second. */
  cpu?: number | false;
  /** Calls that it was too slow to send. */
  unsent?: number;
  /** Calls that waited for others to end, since there are no more connections. */
  held?: number;
}

/** Why figures are not to be trusted, if anything speaks against them. */
export function doubtsOf(
  { lateness, elapsed, cpu = 0, unsent = 0, held = 0 }: Generator,
): string[] {
  const most = Math.max(TICK, SHARE * (elapsed?.p50 ?? 0));
  const late = lateness !== undefined && lateness.p99 > most;
  return [
    late &&
    `the generator was late: p99 of its lateness is ` +
      `${formatSeconds(lateness.p99)}, more than ${formatSeconds(most)} ` +
      `(${SHARE * 100} % of the median call, or ${formatSeconds(TICK)})`,
    cpu && cpu > FULL &&
    `the generator was busy: it used ${
        Math.round(cpu * 100)
      } % of a core, so ` +
      "that answers may have waited for it",
    unsent > 0 && `the generator was too slow to send ${unsent} calls`,
    held > 0 &&
    `${held} calls had to wait, since this process may open no more files ` +
      "(ulimit -n says how many)",
  ].filter((doubt) => typeof doubt === "string");
}

/** Starts to measure the processor time, in seconds per second. */
export function startCpu(): () => number {
  const begun = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / (performance.now() - begun);
  };
}
