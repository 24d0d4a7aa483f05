/** Finds a rate limit that nobody told: a pure function of time, in seconds. */

/** What is known of the limit so far. */
export interface Search {
  /** Requests per second to try now. */
  rate: number;
  /** Until the first refusal the rate grows fast. */
  refusals: number;
  /** When the last refusal was, and until when the rate does not grow. */
  refusedAt: number;
  holdUntil: number;
}

/** Per second: before the first refusal, and after it. */
const FAST_GROWTH = 1.5;
const SLOW_GROWTH = 1.01;

const SECONDS_TO_HOLD = 20;
const SECONDS_TO_RECUR = 5;

export function startSearch(rate = 10): Search {
  return { rate, refusals: 0, refusedAt: -Infinity, holdUntil: -Infinity };
}

/** After `seconds` without a refusal. */
export function grown(search: Search, now: number, seconds: number): Search {
  if (now < search.holdUntil) return search;
  const growth = search.refusals === 0 ? FAST_GROWTH : SLOW_GROWTH;
  return { ...search, rate: search.rate * growth ** seconds };
}

/**
 * After a refusal: slow increase and multiplicative decrease (after Chiu and
 * Jain, 1989), with a memory. The first refusal comes in fast growth, far above the
 * limit; one that recurs soon is above it still; any other one comes in slow
 * growth, just above, so that the rate then holds just below for a while.
 */
export function refused(search: Search, now: number): Search {
  const { rate, refusals, refusedAt } = search;
  const first = refusals === 0;
  const recurs = now - refusedAt < SECONDS_TO_RECUR;
  return {
    rate: rate * (first ? 0.8 : recurs ? 0.9 : 0.97),
    refusals: refusals + 1,
    refusedAt: now,
    holdUntil: first || recurs ? -Infinity : now + SECONDS_TO_HOLD,
  };
}
