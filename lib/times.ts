/** Exact percentiles of any number of times, in bounded memory. */
import type { Distribution } from "./statistics.ts";

/** How many microseconds a page counts. */
const PAGE = 1024;

interface Page {
  /** The first microsecond that it counts. */
  first: number;
  total: number;
  /** The sum of the places in `counts` that were counted. */
  places: number;
  /** How often each microsecond was seen. */
  counts: Uint8Array | Float64Array;
}

export interface Times {
  /** How many were added. */
  readonly count: number;
  add(seconds: number): void;
  /** The quantile of `p`, from 0 to 1, in seconds; undefined without any. */
  quantile(p: number): number | undefined;
  /** What `distribution` gives for the same times; undefined without any. */
  distribution(): Distribution | undefined;
}

/**
 * Counts times as the CSV has them: in whole microseconds, of which there are
 * few. The percentiles are exact, of type 7 as those of `distribution`; times
 * below 0, as a clock that is set back gives them, are counted as they are.
 *
 * Memory goes by the range and not by the count: about 1 KiB for each
 * millisecond that has a time in it (30 MiB if times are all over 30 s), and
 * 8 KiB where one microsecond was seen more than 255 times.
 */
export function countTimes(): Times {
  const pages = new Map<number, Page>();
  let sorted: Page[] | undefined;
  let count = 0;

  function open(number: number) {
    const counts = new Uint8Array(PAGE);
    const page: Page = { first: number * PAGE, total: 0, places: 0, counts };
    pages.set(number, page);
    sorted = undefined;
    return page;
  }

  function add(seconds: number) {
    const time = microseconds(seconds);
    const number = Math.floor(time / PAGE);
    const page = pages.get(number) ?? open(number);
    const place = time - page.first;
    if (page.counts[place] === 255 && page.counts instanceof Uint8Array) {
      page.counts = Float64Array.from(page.counts);
    }
    page.counts[place]!++;
    page.total++;
    page.places += place;
    count++;
  }

  /** The time, in microseconds, that `rank` times are sorted before. */
  function at(rank: number): number {
    sorted ??= [...pages.values()].sort((a, b) => a.first - b.first);
    let before = 0;
    for (const { first, total, counts } of sorted) {
      if (before + total <= rank) {
        before += total;
        continue;
      }
      let place = 0;
      while ((before += counts[place]!) <= rank) place++;
      return first + place;
    }
    return NaN;
  }

  function quantile(p: number) {
    if (count === 0) return undefined;
    const rank = (count - 1) * Math.min(Math.max(0, p), 1);
    const lower = at(Math.floor(rank));
    const upper = at(Math.ceil(rank));
    return (lower + (upper - lower) * (rank % 1)) / 1e6;
  }

  function distribution() {
    if (count === 0) return undefined;
    let sum = 0;
    for (const { first, total, places } of pages.values()) {
      sum += first * total + places;
    }
    return {
      min: quantile(0)!,
      mean: sum / count / 1e6,
      p50: quantile(0.5)!,
      p90: quantile(0.9)!,
      p95: quantile(0.95)!,
      p99: quantile(0.99)!,
      max: quantile(1)!,
    };
  }

  return {
    get count() {
      return count;
    },
    add,
    quantile,
    distribution,
  };
}

/**
 * Rounds as `toFixed(6)` does for the CSV. The product is off by a hair, which
 * matters only if it is half-way between two: there, and only there, the text
 * decides.
 */
export function microseconds(seconds: number): number {
  const product = seconds * 1e6;
  const nearest = Math.round(product);
  const halfway = Math.abs(product - nearest) > 0.499;
  return halfway ? Math.round(Number(seconds.toFixed(6)) * 1e6) : nearest;
}
