/** Whether the generator of the load, and not the server, held the calls up. */
import process from "node:process";
import { formatSeconds } from "./format.ts";
import type { Distribution } from "./statistics.ts";

/** More than this share of the median is not noise; nor is it below a timer's tick. */
const SHARE = 0.5;
const TICK = 0.001;
/** Of one core: JavaScript runs on one. */
const FULL = 0.95;

/**
 * Why figures are not to be trusted, if anything speaks against them. `lateness`
 * is how much later than due calls were started, and `elapsed` what they took, in
 * seconds; `cpu` is the processor time of this process per second.
 */
export function doubtsOf(
  { lateness, elapsed, cpu }: {
    lateness?: Distribution;
    elapsed?: Distribution;
    cpu: number;
  },
): string[] {
  const doubts: string[] = [];
  const most = Math.max(TICK, SHARE * (elapsed?.p50 ?? 0));
  if (lateness && lateness.p99 > most) {
    doubts.push(
      `the generator was late: p99 of its lateness is ` +
        `${formatSeconds(lateness.p99)}, more than ${formatSeconds(most)} ` +
        `(${SHARE * 100} % of the median call, or ${formatSeconds(TICK)})`,
    );
  }
  if (cpu > FULL) {
    doubts.push(
      `the generator was busy: it used ${
        Math.round(cpu * 100)
      } % of a core, so ` +
        "that answers may have waited for it",
    );
  }
  return doubts;
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
