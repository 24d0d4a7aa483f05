/**
 * The delay of call `id`, in seconds: log-normal around `median` with the shape
 * `sigma`, and a pure function of the seed and the id, so that every style faces
 * the same calls. The normal deviate is Box and Muller's (1958). Engines differ
 * in the last bit of `Math.log`, so the delay is rounded to whole microseconds:
 * that makes it the same number on all of them.
 */
export function seededDelay(
  id: number,
  { seed = 1, median = 0.06, sigma = 0.5 } = {},
): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(seed, 2 * id)));
  const angle = 2 * Math.PI * uniform(seed, 2 * id + 1);
  const delay = median * Math.exp(sigma * radius * Math.cos(angle));
  return Math.round(delay * 1e6) / 1e6;
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
