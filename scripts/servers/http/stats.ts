/** What a server costs: its processor time, its memory and its event loop. */
import process from "node:process";
import { countTimes, type Distribution } from "../../../lib/statistics.ts";

/** How often it looks, in milliseconds. */
const INTERVAL = 10;

export interface Stats {
  /** Seconds of processor time since the start, of all threads. */
  cpu: number;
  /** The most bytes that were resident when it looked. */
  memory: number;
  /**
   * How many seconds later than due the event loop came round, since this was
   * last asked; undefined if it has not come round since.
   */
  lag: Distribution | undefined;
}

/**
 * Watches this process, and says on each call what it saw. `onLook` is told each
 * time when the event loop came round, in milliseconds since 1970, how many
 * seconds later than due, and how many bytes are resident.
 */
export function startStats(
  onLook: (at: number, lag: number, memory: number) => void = () => {},
): () => Stats {
  let lags = countTimes();
  let memory = 0;
  let due = 0;

  // Not monitorEventLoopDelay, which sees nothing on Deno, and not the maximum of
  // resourceUsage, which on Linux begins at that of the process that started us.
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
