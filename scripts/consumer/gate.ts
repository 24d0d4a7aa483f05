/** A gate that lets calls pass one by one, within rate limits. */
import { setTimeout as sleep } from "node:timers/promises";
import { dueAfter, intervalOf, type Rate, waitFor } from "../throttle/mod.ts";

export interface Gate {
  /**
   * Resolves when it is this call's turn, first come, first served. Call the result
   * with the seconds that the server says it took: the rest of the time that the
   * call took may be how late it arrived.
   */
  pass(): Promise<(server?: number) => void>;
  /** Lets no call pass for `seconds`. */
  close(seconds: number): void;
  /** Lets all waiting calls pass at once. */
  end(): void;
}

/** All in seconds. */
export interface Clock {
  now(): number;
  sleep(seconds: number): Promise<unknown>;
}

const monotonic: Clock = {
  now: () => performance.now() / 1000,
  sleep: (seconds) => sleep(seconds * 1000),
};

/** `jitter` is how much later than others a call may arrive, in seconds. */
export function createGate(
  rates: Rate[],
  jitter: number,
  { now, sleep }: Clock = monotonic,
): Gate {
  const interval = intervalOf(rates, jitter);
  let due = now();
  let last = Promise.resolve();
  let isOver = false;
  /** The shortest time that a call took apart from the server's. */
  let least: number | undefined;
  /** How much later all calls are due because others arrived late. */
  let shifted = 0;

  async function turn() {
    for (let wait; !isOver && (wait = waitFor(due, now(), interval)) > 0;) {
      await sleep(wait);
    }
    due = dueAfter(due, now(), { interval, jitter });
  }

  return {
    async pass() {
      await (last = last.then(turn));
      const passed = now();
      const before = shifted;
      return (server) => {
        if (server === undefined) return;
        const beside = now() - passed - server;
        // The time that every call needs to get there isn't lateness. A late call
        // and the next ones each use up to half of the jitter, and the next ones
        // have been shifted since this call passed.
        const late = beside - (least ?? 0) - jitter / 2 - (shifted - before);
        least = Math.min(least ?? Infinity, beside);
        if (late <= 0) return;
        due += late;
        shifted += late;
      };
    },
    close(seconds) {
      due = Math.max(due, now() + seconds);
    },
    end() {
      isOver = true;
    },
  };
}
