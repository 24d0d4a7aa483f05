/** Wakes up when it should: timers are up to a few milliseconds late. */
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { parentPort, Worker, workerData } from "node:worker_threads";

export interface Metronome {
  /** Resolves at a moment of performance.now(), at once if it has passed. */
  until(moment: number): Promise<void>;
  stop(): Promise<unknown>;
}

/** How long moments that have passed may keep all other work waiting. */
const MILLISECONDS_AT_ONCE = 1;

const ROLE = "metronome";

/**
 * Starts a thread that can sleep for fractions of a millisecond, as only a
 * thread without other work can. For one waiter at a time.
 */
export async function startMetronome(): Promise<Metronome> {
  const worker = new Worker(new URL(import.meta.url), { workerData: ROLE });
  await once(worker, "online");
  let wake = () => {};
  worker.on("message", () => wake());
  let rested = performance.now();
  return {
    async until(moment) {
      if (moment > performance.now()) {
        worker.postMessage(performance.timeOrigin + moment);
        await new Promise<void>((resolve) => wake = resolve);
      } else if (performance.now() - rested > MILLISECONDS_AT_ONCE) {
        await setImmediate();
      } else return;
      rested = performance.now();
    },
    stop: () => worker.terminate(),
  };
}

if (workerData === ROLE) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  parentPort!.on("message", (moment: number) => {
    // Threads count from different origins.
    const left = () => moment - performance.timeOrigin - performance.now();
    while (left() > 0) Atomics.wait(never, 0, 0, left());
    parentPort!.postMessage(undefined);
  });
}
