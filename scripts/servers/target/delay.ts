/** The target's delays: pure functions of a seed and a call, or of the time. */

/** `median` is in seconds; sigma is the standard deviation of the delays' logarithm. */
export interface LogNormal {
  seed: number;
  median: number;
  sigma: number;
}

/**
 * The delay of call `id`, in seconds. Log-normal, and a pure function of the seed and
 * the id, so that every style faces the same calls. Uses the Box-Muller transform
 * (1958). Engines differ in the last bit of `Math.log`; rounding to microseconds makes
 * the delay the same on all of them.
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
  /** At most `slow`. */
  fast: number;
  slow: number;
  /** The share of slow calls, from 0 to 1. */
  share: number;
  seed: number;
}

/** The delay of /two-point: a pure function of the seed and the id. */
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
  /** How long a call takes otherwise. */
  delay: number;
}

/** The delay of /stall for a request `time` seconds after the first one. */
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
 * A number between 0 and 1, both excluded; a pure function of the seed and the index
 * (an integer). It applies the finalizer of MurmurHash3 twice.
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
