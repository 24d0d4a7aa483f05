/** The books of what is in flight, which know nothing of any row. */

export interface InFlight {
  /** One more is in flight. Moments are in milliseconds, and never step back. */
  began(now: number): void;
  /** One that was said to have begun at `since` does so only `now`. */
  postponed(since: number, now: number): void;
  /** One less is in flight. */
  ended(now: number): void;
  /**
   * How long calls were in flight, all together, in seconds, up to the latest
   * of these moments: the integral of their number over time.
   */
  callSeconds(): number;
}

/**
 * Counts calls and never looks at one: a row that is lost, is there twice or has
 * a wrong time doesn't show here. Over a span that begins and ends with nothing
 * in flight, Little's law has to lead to the same number: J. D. C. Little, "A
 * proof for the queuing formula L = lambda W" (1961).
 */
export function startInFlight(): InFlight {
  let inFlight = 0;
  let latest = 0;
  let milliseconds = 0;

  function pass(now: number) {
    milliseconds += inFlight * (now - latest);
    latest = now;
  }

  return {
    began(now) {
      pass(now);
      inFlight++;
    },
    postponed(since, now) {
      milliseconds -= now - since;
    },
    ended(now) {
      pass(now);
      inFlight--;
    },
    callSeconds: () => milliseconds / 1000,
  };
}
