/**
 * Five rate limiters, each a pure function of its state and the time. Times are
 * seconds of any clock. If the clock steps back, they take it to stand still, so that
 * they never accept more.
 */

export interface Limit {
  /** How many requests are accepted... */
  limit: number;
  /** ...in how many seconds. */
  per: number;
  /** From 0 to 1: window n begins at (n + phase) * per. */
  phase: number;
  /** How many requests GCRA accepts at the same moment. */
  burst: number;
}

export interface Decision<State> {
  /** Unchanged if the request is refused. */
  state: State | undefined;
  /** 0 if accepted; otherwise the seconds until a request would be. */
  wait: number;
  /** How many more requests would be accepted now. */
  remaining: number;
  /** Seconds until one more than those would be accepted. */
  reset: number;
}

export type Limiter<State> = (
  state: State | undefined,
  now: number,
  limit: Limit,
) => Decision<State>;

/**
 * How early a request may be, in seconds. Without it, rounding could refuse a request
 * that comes exactly on time.
 */
const EPSILON = 1e-9;

/** Accepts `limit` requests in each window of a fixed grid. */
export const fixed: Limiter<Windows> = (state, now, { limit, per, phase }) => {
  const { window, count, last, previous } = windowsAt(now, per, phase, state);
  const reset = (window + 1 + phase) * per - last;
  const after = { window, count: count + 1, last, previous };
  return decide(limit - count, reset, state, after);
};

/**
 * Accepts `limit` requests in any window (now - per, now]. Exact, but remembers the
 * time of each accepted request.
 */
export const slidingLog: Limiter<number[]> = (state = [], now, limit) => {
  const time = Math.max(now, state.at(-1) ?? now);
  const times = state.filter((past) => past > time - limit.per + EPSILON);
  const reset = (times[0] ?? time) + limit.per - time;
  return decide(limit.limit - times.length, reset, state, [...times, time]);
};

/**
 * Estimates the sliding log from two counts: that of this window, and that of the
 * previous one, weighted by how much of it still overlaps. See Cloudflare, "How we
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
  // The overlap at which the estimate reaches the limit once those are counted.
  const left = (limit - count - remaining) / Math.max(previous, 1);
  const reset = (window + 1 + phase - left) * per - last;
  return decide(remaining, reset, state, { ...windows, count: count + 1 });
};

interface Windows {
  window: number;
  count: number;
  /** The count of the previous window. */
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
 * A bucket of `limit` tokens, full at first, that refills evenly; each request takes
 * one. Described as a leaky bucket in Turner, "New directions in communications"
 * (1986).
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
 * The generic cell rate algorithm (ITU-T I.371, ATM Forum TM 4.0). Each request moves
 * the theoretical arrival time of the next one by per / limit. Requests may be early
 * enough that `burst` of them fit into one moment. Equivalent to a bucket of `burst`
 * tokens.
 */
export const gcra: Limiter<{ ahead: number; last: number }> = (
  state = { ahead: 0, last: -Infinity },
  now,
  { limit, per, burst },
) => {
  const interval = per / limit;
  const tolerance = (burst - 1) * interval;
  const time = Math.max(now, state.last);
  // The theoretical arrival time, relative to now: as an absolute time, it would
  // accumulate rounding errors.
  const ahead = atLeast0(state.ahead - (time - state.last));
  const early = tolerance - ahead + EPSILON;
  const remaining = atLeast0(Math.floor(early / interval) + 1);
  const reset = ahead + remaining * interval - tolerance;
  const after = { ahead: ahead + interval, last: time };
  return decide(remaining, reset, state, after);
};

/** By name. Pass each only the states that it has returned. */
export const limiters = {
  "fixed": fixed,
  "sliding-log": slidingLog,
  "sliding-counter": slidingCounter,
  "bucket": bucket,
  "gcra": gcra,
} as Record<string, Limiter<unknown>>;

const atLeast0 = (value: number) => Math.max(0, value);

/** `remaining` and `reset` are the values before the request. */
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
 * The headers of draft-ietf-httpapi-ratelimit-headers-11. It only has whole seconds, so
 * they omit a window that isn't.
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

/** Retry-After in seconds; as an HTTP date if `now` is given (milliseconds since 1970). */
export function formatRetryAfter(wait: number, now?: number): string {
  if (now === undefined) return String(Math.ceil(wait));
  return new Date(Math.ceil(now / 1000 + wait) * 1000).toUTCString();
}
