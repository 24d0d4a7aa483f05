/** Searches for the highest rate at which a rule holds: a pure function. */

/** A rate, in requests per second, and whether the rule held at it. */
export interface Tried {
  rate: number;
  held: boolean;
}

/** The highest rate lies between `held`, where the rule holds, and `broken`. */
export interface Interval {
  /** Undefined when it held at no rate below `broken`. */
  held?: number;
  /** Undefined when the rule held wherever it was tried. */
  broken?: number;
}

/**
 * What the tries show. Real systems contradict themselves: if a rate broke the rule
 * and a higher one held it, that was luck. So `broken` is the lowest rate that
 * broke, and `held` the highest below it, up to which the rule held in every try. A
 * try that breaks by bad luck makes the answer too low.
 */
export function interval(tried: Tried[]): Interval {
  const rates = (held: boolean) =>
    tried.filter((one) => one.held === held).map(({ rate }) => rate);
  const lowest = Math.min(...rates(false));
  const highest = Math.max(...rates(true).filter((rate) => rate < lowest));
  return {
    held: highest > -Infinity ? highest : undefined,
    broken: lowest < Infinity ? lowest : undefined,
  };
}

export interface SearchOptions {
  /** The first rate to try. */
  start: number;
  /** How far above `held` `broken` may be at the end: 0.05 is 5 %. */
  precision?: number;
  /** The lowest and the highest rate to try. */
  least?: number;
  most?: number;
}

/**
 * The rate to try next, or undefined when the interval is narrow enough, the
 * rule breaks at `least` or it holds at `most`. It doubles until the rule
 * breaks or halves until it holds, and then bisects. Each try makes the interval
 * smaller, whatever its result, so that the search ends: from 1/s to 100,000/s,
 * and to 5 %, after at most 25 tries.
 */
export function nextRate(
  tried: Tried[],
  { start, precision = 0.05, least = 1, most = 1e5 }: SearchOptions,
): number | undefined {
  const { held, broken } = interval(tried);
  if (held !== undefined && broken !== undefined) {
    return broken / held - 1 > precision ? between(held, broken) : undefined;
  }
  if (held !== undefined) {
    return held < most ? Math.min(rounded(2 * held, 3), most) : undefined;
  }
  if (broken !== undefined) {
    return broken > least ? Math.max(rounded(broken / 2, 3), least) : undefined;
  }
  return Math.min(Math.max(start, least), most);
}

const rounded = (rate: number, digits: number) =>
  Number(rate.toPrecision(digits));

/**
 * The number with the fewest digits that is near the geometric mean, since the
 * precision is a ratio; undefined where a double is no finer.
 */
function between(low: number, high: number): number | undefined {
  const middle = Math.sqrt(low * high);
  for (let digits = 1; digits <= 15; digits++) {
    const rate = rounded(middle, digits);
    if (Math.abs(rate - middle) < (high - low) / 8) return rate;
  }
}
