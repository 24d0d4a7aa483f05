/** Reads the parameters of a URL. All throw a {@link RangeError} with the rule. */
import { duration } from "../../../lib/options.ts";

/** Reads a whole number from `least` to `most`. */
export function whole(
  text: string,
  name: string,
  most: number,
  least = 0,
): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  const rule = `a whole number from ${least} to ${most}`;
  throw new RangeError(`${name} must be ${rule}, not "${text}"`);
}

/** Reads a number from 0 to 1. */
export function share(
  query: URLSearchParams,
  name: string,
  fallback: string,
): number {
  const text = query.get(name) ?? fallback;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value <= 1) return value;
  throw new RangeError(`${name} must be a number from 0 to 1, not "${text}"`);
}

/** Reads a time such as `250ms`; returns seconds. */
export function time(
  query: URLSearchParams,
  name: string,
  fallback: string,
  rule = { aboveZero: false },
): number {
  const text = query.get(name) ?? fallback;
  try {
    return duration(fallback, "", rule).parse([text]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`${name} ${error.message}, not "${text}"`);
  }
}

/** Reads one of the `known` values; the first one is the default. */
export function oneOf(
  query: URLSearchParams,
  name: string,
  known: string[],
): string {
  const value = query.get(name) ?? known[0]!;
  if (known.includes(value)) return value;
  const rule = `one of ${known.join(", ")}`;
  throw new RangeError(`${name} must be ${rule}, not "${value}"`);
}
