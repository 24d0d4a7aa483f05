/** Wakes up when it should: timers are up to a few milliseconds late. */
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { bisector } from "d3-array";
import { onceIdle } from "../../../lib/runtime.ts";
import type { Metronome } from "../../../lib/schedule.ts";

interface Waiter {
  moment: number;
  wake(): void;
}

/** What both threads see. */
interface Shared {
  role: typeof ROLE;
  /** When to wake up next, in milliseconds since 1970. */
  next: Float64Array;
  /** Counts how often that was set. */
  version: Int32Array;
}

const ROLE = "metronome";

/** How long moments that have passed may keep answers waiting, and signals. */
const MILLISECONDS_AT_ONCE = 1;
const MILLISECONDS_WITHOUT_SIGNALS = 50;

const { left: place } = bisector((waiter: Waiter) => -waiter.moment);

/**
 * Starts a thread that can sleep for fractions of a millisecond, as only a
 * thread without other work can.
 */
export async function startMetronome(): Promise<Metronome> {
  const shared: Shared = {
    role: ROLE,
    next: new Float64Array(new SharedArrayBuffer(8)),
    version: new Int32Array(new SharedArrayBuffer(4)),
  };
  const worker = new Worker(new URL(import.meta.url), { workerData: shared });
  await once(worker, "online");
  /** The last one is the next one. */
  const waiters: Waiter[] = [];
  let rested = performance.now();
  let idle = rested;

  function setNext() {
    shared.next[0] = performance.timeOrigin + waiters.at(-1)!.moment;
    Atomics.add(shared.version, 0, 1);
    Atomics.notify(shared.version, 0);
  }

  worker.on("message", () => {
    idle = rested = performance.now();
    while (waiters.length > 0 && waiters.at(-1)!.moment <= rested) {
      waiters.pop()!.wake();
    }
    if (waiters.length > 0) setNext();
  });

  return {
    async until(moment) {
      const now = performance.now();
      if (moment > now) {
        await new Promise<void>((wake) => {
          const index = place(waiters, -moment);
          waiters.splice(index, 0, { moment, wake });
          if (index === waiters.length - 1) setNext();
        });
      } else if (now - rested > MILLISECONDS_AT_ONCE) {
        const isLong = now - idle > MILLISECONDS_WITHOUT_SIGNALS;
        if (isLong) await new Promise<void>(onceIdle);
        else await setImmediate();
        rested = performance.now();
        if (isLong) idle = rested;
      }
    },
    stop: () => worker.terminate(),
  };
}

function beat({ next, version }: Shared) {
  let seen = 0;
  while (true) {
    // Nothing to do until a new moment is set.
    Atomics.wait(version, 0, seen);
    seen = Atomics.load(version, 0);
    // Threads count from different origins.
    const left = () => next[0]! - performance.timeOrigin - performance.now();
    const isStill = () => Atomics.load(version, 0) === seen;
    while (isStill() && left() > 0) Atomics.wait(version, 0, seen, left());
    if (isStill()) parentPort!.postMessage(undefined);
  }
}

if (workerData?.role === ROLE) beat(workerData);
