/**
 * Whether the generator of the load, and not the server, held the calls up, and
 * whether its rows agree with its books.
 */
import process from "node:process";
import { formatNumber, formatSeconds } from "./format.ts";
import type { Distribution } from "./statistics.ts";
import type { Summary } from "./summary.ts";

/** A lateness above this share of the median call matters... */
const SHARE = 0.5;
/** ...unless it is shorter than this, and above this it does in any case. */
const TICK = 0.001;
const LONG = 0.1;
/** Of one core: JavaScript runs on one. */
const FULL = 0.95;
/** The share by which the books and Little's law may differ. */
const OFF = 0.05;

/** What speaks for or against the generator. */
export interface Generator {
  /** How much later than due calls were started, in seconds. */
  lateness?: Distribution;
  /** How long calls took, in seconds. */
  elapsed?: Distribution;
  cpu?: Cpu;
  /** Calls that it was too slow to send. */
  unsent?: number;
  /** Calls that waited for others to end, since there are no more connections. */
  held?: number;
  /** How long calls were in flight, all together, in seconds. */
  callSeconds?: number;
  /** What that comes to, and what the rows do. */
  inFlight?: Summary["inFlight"];
  /** Whether somebody ended the run before its time. */
  interrupted?: boolean;
  /** How long calls may be made, in seconds, if time ends the run. */
  planned?: number;
  /** Calls that failed on this machine, and the error of the first. */
  local?: { calls: number; error: string };
}

/** Why figures are not to be trusted, if anything speaks against them. */
export function doubtsOf(
  { lateness, elapsed, cpu, unsent = 0, held = 0, inFlight, local }: Generator,
): string[] {
  const half = SHARE * (elapsed?.p50 ?? 0);
  const most = Math.min(Math.max(TICK, half), LONG);
  const late = lateness !== undefined && lateness.p99 > most;
  const early = lateness !== undefined && lateness.min < -TICK;
  const { mean = 0, law = 0 } = inFlight ?? {};
  return [
    early &&
    `the generator was early, by up to ${formatSeconds(-lateness.min)}`,
    late &&
    `the generator was late: p99 of its lateness is ` +
      `${formatSeconds(lateness.p99)}, more than ${formatSeconds(most)} ` +
      `(half of the median call, but ${formatSeconds(TICK)} at least and ` +
      `${formatSeconds(LONG)} at most)`,
    cpu && cpu.thread > FULL &&
    `the generator was busy: it used ${
        Math.round(cpu.thread * 100)
      } % of a core, so ` +
      "that answers may have waited for it",
    unsent > 0 && `the generator was too slow to send ${calls(unsent)}`,
    held > 0 &&
    `${calls(held)} had to wait, since this process may open no more files ` +
      "(ulimit -n says how many)",
    local && local.calls > 0 &&
    `${calls(local.calls)} failed on this machine, not at the server: ` +
      `${shortageOf(local.error)} (${local.error.replace(/^local: /, "")})`,
    Math.abs(law - mean) > OFF * mean &&
    `the rows are off: ${formatNumber(mean)} calls were in flight on ` +
      "average, but by Little's law (attempts per second x mean elapsed) " +
      `${formatNumber(law)}; rows are missing or there twice, or their times ` +
      "are wrong",
  ].filter((doubt) => typeof doubt === "string");
}

/** What this machine ran out of, and what to do. */
function shortageOf(error: string): string {
  if (/EMFILE|ENFILE/.test(error)) return "no more open files; raise ulimit -n";
  if (/ENOBUFS|ENOMEM/.test(error)) {
    return "no memory for more connections; make fewer calls at once";
  }
  return "no free port; call more slowly, keep connections open, or widen " +
    "net.ipv4.ip_local_port_range";
}

function calls(count: number): string {
  return count === 1 ? "1 call" : `${count} calls`;
}

/** Processor time, in seconds per second. */
export interface Cpu {
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
