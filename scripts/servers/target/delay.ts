/** Delays that are pure functions of a seed and a call, or of the time. */

/** Of delays in seconds; sigma is the standard deviation of their logarithm. */
export interface LogNormal {
  seed: number;
  median: number;
  sigma: number;
}

/**
 * The delay of call `id`, in seconds: log-normal around `median` with the shape
 * `sigma`, and a pure function of the seed and the id, so that every style faces
 * the same calls. The normal deviate is Box and Muller's (1958). Engines differ
 * in the last bit of `Math.log`, so the delay is rounded to whole microseconds:
 * that makes it the same number on all of them.
 */
export function seededDelay(
  id: number,
  { seed = 1, median = 0.06, sigma = 0.5 }: Partial<LogNormal> = {},
): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(seed, 2 * id)));
  const angle = 2 * Math.PI * uniform(seed, 2 * id + 1);
  const delay = median * Math.exp(sigma * radius * Math.cos(angle));
  return Math.round(delay * 1e6) / 1e6;
}

export interface TwoPoint {
  /** Not above `slow`. */
  fast: number;
  slow: number;
  /** How many of the calls are slow, from 0 to 1. */
  share: number;
  seed: number;
}

/** What /two-point makes of one id: a pure function of the seed and the id. */
export function twoPointDelay(
  id: number,
  { fast, slow, share, seed }: TwoPoint,
): number {
  return uniform(seed, id) < share ? slow : fast;
}

export interface Stall {
  /** When the server freezes, for `length`, in each period of `every`. */
  at: number;
  length: number;
  every: number;
  /** What a call takes otherwise. */
  delay: number;
}

/** What /stall makes of a request, so long after the first one. */
export function stallDelay(
  time: number,
  { at, length, every, delay }: Stall,
): number {
  const phase = time % every;
  const answered = phase + delay;
  const frozen = answered >= at && answered < at + length;
  return frozen ? at + length - phase : delay;
}

/**
 * A number above 0 and below 1, a pure function of the seed and the index (a
 * whole number): the finalizer of MurmurHash3, twice.
 */
export function uniform(seed: number, index: number): number {
  return (mix(mix(seed) ^ index) + 0.5) / 2 ** 32;
}

function mix(value: number): number {
  let hash = value ^ 0x9e3779b9;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
