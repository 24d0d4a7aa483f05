/** A gate that calls pass one by one, so that they keep to rate limits. */
import { setTimeout as sleep } from "node:timers/promises";
import { dueAfter, intervalOf, type Rate, waitFor } from "../throttle/mod.ts";

export interface Gate {
  /**
   * Resolves when it is this call's turn: in the order in which they came. What
   * it resolves to is called with the answer, and the seconds that the server
   * says it took: all else may be how late the call arrived.
   */
  pass(): Promise<(server?: number) => void>;
  /** Lets nobody pass for so many seconds. */
  close(seconds: number): void;
  /** Lets all pass who still wait: there is nothing left to keep to. */
  end(): void;
}

/** What tells the time and waits, in seconds. */
export interface Clock {
  now(): number;
  sleep(seconds: number): Promise<unknown>;
}

const monotonic: Clock = {
  now: () => performance.now() / 1000,
  sleep: (seconds) => sleep(seconds * 1000),
};

/** For calls that may arrive up to `jitter` seconds later than others. */
export function createGate(
  rates: Rate[],
  jitter: number,
  { now, sleep }: Clock = monotonic,
): Gate {
  const interval = intervalOf(rates, jitter);
  let due = now();
  let last = Promise.resolve();
  let isOver = false;
  /** The least that a call took beside the server, and by how much all shifted. */
  let least: number | undefined;
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
        // What each call takes on its way is none of its lateness. Those after
        // it may not come closer to it than by half of the jitter, the other
        // half being theirs, and what they were shifted since then counts.
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
