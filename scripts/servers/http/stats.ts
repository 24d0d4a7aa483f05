/** A server's CPU time, memory and event loop lag. */
import process from "node:process";
import { countTimes, type Distribution } from "../../../lib/statistics.ts";

/** The time between measurements, in milliseconds. */
const INTERVAL = 10;

export interface Stats {
  /** Seconds of CPU time since the start, of all threads. */
  cpu: number;
  /** The highest resident memory measured, in bytes. */
  memory: number;
  /**
   * How late timers fired since the last call, in seconds; undefined if none has
   * fired since.
   */
  lag: Distribution | undefined;
}

/**
 * Measures this process; the result returns its stats. `onLook` gets each measurement:
 * the time in milliseconds since 1970, how many seconds late the timer fired, and the
 * resident bytes.
 */
export function startStats(
  onLook: (at: number, lag: number, memory: number) => void = () => {},
): () => Stats {
  let lags = countTimes();
  let memory = 0;
  let due = 0;

  // monitorEventLoopDelay measures nothing on Deno; resourceUsage().maxRSS starts at
  // the parent's maximum on Linux.
  function look() {
    const lag = Math.max(0, performance.now() - due) / 1000;
    lags.add(Math.round(lag * 1e6));
    const resident = process.memoryUsage.rss();
    memory = Math.max(memory, resident);
    onLook(Date.now(), lag, resident);
    wait();
  }

  function wait() {
    due = performance.now() + INTERVAL;
    setTimeout(look, INTERVAL);
  }

  wait();
  return () => {
    const lag = lags.distribution();
    lags = countTimes();
    const { user, system } = process.cpuUsage();
    memory = Math.max(memory, process.memoryUsage.rss());
    return { cpu: (user + system) / 1e6, memory, lag };
  };
}
