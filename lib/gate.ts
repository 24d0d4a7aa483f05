/** A gate that calls pass one by one, so that they keep to rate limits. */
import { setTimeout as sleep } from "node:timers/promises";
import { dueAfter, intervalOf, type Rate, waitFor } from "./pace.ts";

export interface Gate {
  /**
   * Resolves when it is this call's turn: in the order in which they came. What
   * it resolves to is called with the answer, and the seconds that the server
   * says it took: all else may be how late the call arrived.
   */
  pass(): Promise<(server?: number) => void>;
  /** Lets nobody pass for so many seconds. */
  close(seconds: number): void;
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

  async function turn() {
    for (let wait; (wait = waitFor(due, now(), interval)) > 0;) {
      await sleep(wait);
    }
    due = dueAfter(due, now(), { interval, jitter });
  }

  return {
    async pass() {
      await (last = last.then(turn));
      const passed = now();
      return (server = Infinity) => {
        // Those after it may not come closer to it than by half of the jitter:
        // the other half is what they make up for themselves.
        due += Math.max(0, now() - passed - server - jitter / 2);
      };
    },
    close(seconds) {
      due = Math.max(due, now() + seconds);
    },
  };
}
