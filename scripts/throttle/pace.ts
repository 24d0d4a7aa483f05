/** Even pacing below rate limits: pure functions of time, in seconds. */

// #region pace
/** At most `limit` requests in `per` seconds. */
export interface Rate {
  limit: number;
  per: number;
}

/**
 * The time between two requests that keeps to all `rates` at once, even if some
 * reach the server up to `jitter` seconds later than others.
 *
 * A request that is due at d then arrives from d to d + jitter, so that those
 * of any window of `per` were due within `per + jitter`: never more than
 * `limit`. Being even, it also suits token buckets and the GCRA, the leaky
 * bucket as a meter (ITU-T I.371), if they tolerate the jitter.
 */
export function intervalOf(rates: Rate[], jitter: number): number {
  return Math.max(...rates.map(({ limit, per }) => (per + jitter) / limit));
}

/**
 * How long to wait until the next request, which is due at `due`, may be sent;
 * 0 is now. Never more than an interval at a time: look again after it.
 */
export function waitFor(due: number, now: number, interval: number): number {
  return Math.min(Math.max(0, due - now), interval);
}

/**
 * When the request after this one is due. One that was sent late is made up for
 * by up to half the jitter, so that the rate is kept (the other half is left to
 * the network), and by no more, so that no burst follows a pause.
 */
export function dueAfter(
  due: number,
  now: number,
  { interval, jitter }: { interval: number; jitter: number },
): number {
  return Math.max(due, now - jitter / 2) + interval;
}
// #endregion
