/**
 * Five ways in which servers limit requests, each a pure function of what it
 * remembers and the time. All times are seconds on any clock; one that steps
 * back is taken to stand still, so that it never grants more.
 */

export interface Limit {
  /** So many requests are accepted... */
  limit: number;
  /** ...in so many seconds. */
  per: number;
  /** Where windows begin, from 0 to 1: the n-th one at (n + phase) * per. */
  phase: number;
  /** How many requests GCRA accepts at the same moment. */
  burst: number;
}

export interface Decision<State> {
  /** As it was if the request is refused: such a request doesn't count. */
  state: State | undefined;
  /** 0 if accepted, else the seconds until a request would be. */
  wait: number;
  /** How many more requests would be accepted now. */
  remaining: number;
  /** The seconds until one more than those would be. */
  reset: number;
}

export type Limiter<State> = (
  state: State | undefined,
  now: number,
  limit: Limit,
) => Decision<State>;

/**
 * Seconds by which a request may be early: without it, the last bit of a sum
 * would refuse one that comes exactly when it should.
 */
const EPSILON = 1e-9;

/** At most `limit` in each window of a grid of time; nothing is carried over. */
export const fixed: Limiter<Windows> = (state, now, { limit, per, phase }) => {
  const { window, count, last, previous } = windowsAt(now, per, phase, state);
  const reset = (window + 1 + phase) * per - last;
  const after = { window, count: count + 1, last, previous };
  return decide(limit - count, reset, state, after);
};

/**
 * At most `limit` in any window (now - per, now], by the times of all those
 * that were accepted: exact, at the price of remembering them.
 */
export const slidingLog: Limiter<number[]> = (state = [], now, limit) => {
  const time = Math.max(now, state.at(-1) ?? now);
  const times = state.filter((past) => past > time - limit.per + EPSILON);
  const reset = (times[0] ?? time) + limit.per - time;
  return decide(limit.limit - times.length, reset, state, [...times, time]);
};

/**
 * An estimate of the sliding log from two counts: this window's, and as much of
 * the previous one's as still overlaps. Made popular by Cloudflare's "How we
 * built rate limiting capable of scaling to millions of domains" (2017).
 */
export const slidingCounter: Limiter<Windows> = (
  state,
  now,
  { limit, per, phase },
) => {
  const { overlap, ...windows } = windowsAt(now, per, phase, state);
  const { window, count, last, previous } = windows;
  const remaining = atLeast0(Math.ceil(limit - count - previous * overlap));
  // The overlap at which the estimate, with all of those counted, is the limit.
  const left = (limit - count - remaining) / Math.max(previous, 1);
  const reset = (window + 1 + phase - left) * per - last;
  return decide(remaining, reset, state, { ...windows, count: count + 1 });
};

interface Windows {
  window: number;
  count: number;
  /** The count of the window before. */
  previous: number;
  last: number;
}

const never = { window: -Infinity, count: 0, previous: 0, last: -Infinity };

function windowsAt(now: number, per: number, phase: number, state = never) {
  const last = Math.max(now, state.last);
  const position = (last + EPSILON) / per - phase;
  const window = Math.floor(position);
  const overlap = window + 1 - position;
  if (window === state.window) return { ...state, last, overlap };
  const previous = window === state.window + 1 ? state.count : 0;
  return { window, count: 0, previous, last, overlap };
}

/**
 * A bucket of `limit` tokens, full at first, that refills evenly; a request
 * takes one. Turner, "New directions in communications" (1986), where it is
 * a leaky bucket that fills up.
 */
export const bucket: Limiter<{ tokens: number; last: number }> = (
  state = { tokens: 0, last: -Infinity },
  now,
  { limit, per },
) => {
  const time = Math.max(now, state.last);
  const refilled = state.tokens + (time - state.last) / per * limit;
  const tokens = Math.min(limit, refilled);
  const remaining = atLeast0(Math.floor(tokens + EPSILON / per * limit));
  const reset = (remaining + 1 - tokens) / limit * per;
  return decide(remaining, reset, state, { tokens: tokens - 1, last: time });
};

/**
 * The generic cell rate algorithm: each request moves the theoretical arrival
 * time of the next on by per / limit, and one may be early by so much that
 * `burst` fit into one moment. ITU-T I.371 and ATM Forum TM 4.0. It accepts what
 * a bucket of `burst` tokens would.
 */
export const gcra: Limiter<{ ahead: number; last: number }> = (
  state = { ahead: 0, last: -Infinity },
  now,
  { limit, per, burst },
) => {
  const interval = per / limit;
  const tolerance = (burst - 1) * interval;
  const time = Math.max(now, state.last);
  // The theoretical arrival time, counted from now: as a time on the clock it
  // would gather a rounding error with every request.
  const ahead = atLeast0(state.ahead - (time - state.last));
  const early = tolerance - ahead + EPSILON;
  const remaining = atLeast0(Math.floor(early / interval) + 1);
  const reset = ahead + remaining * interval - tolerance;
  const after = { ahead: ahead + interval, last: time };
  return decide(remaining, reset, state, after);
};

/** By name. Each must only be given a state that it returned itself. */
export const limiters = {
  "fixed": fixed,
  "sliding-log": slidingLog,
  "sliding-counter": slidingCounter,
  "bucket": bucket,
  "gcra": gcra,
} as Record<string, Limiter<unknown>>;

const atLeast0 = (value: number) => Math.max(0, value);

/** `remaining` and `reset` are those before the request. */
function decide<State>(
  remaining: number,
  reset: number,
  before: State | undefined,
  after: State,
): Decision<State> {
  return remaining > 0
    ? { state: after, wait: 0, remaining: remaining - 1, reset }
    : { state: before, wait: reset, remaining: 0, reset };
}

/**
 * The headers of draft-ietf-httpapi-ratelimit-headers-11. It knows whole
 * seconds only, so a window of another length is left out.
 */
export function rateLimitHeaders(
  { remaining, reset }: Decision<unknown>,
  { limit, per }: Limit,
): Record<string, string> {
  const window = Number.isInteger(per) ? `;w=${per}` : "";
  return {
    "ratelimit-policy": `"default";q=${limit}${window}`,
    "ratelimit": `"default";r=${remaining};t=${Math.ceil(reset)}`,
  };
}

/** Retry-After in whole seconds or, given the Date `now`, as an HTTP date. */
export function formatRetryAfter(wait: number, now?: number): string {
  if (now === undefined) return String(Math.ceil(wait));
  return new Date(Math.ceil(now / 1000 + wait) * 1000).toUTCString();
}
