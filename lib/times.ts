/** Exact percentiles of any number of times, in bounded memory. */
import { bisectLeft } from "d3-array";
import type { Distribution } from "./statistics.ts";

/** How many microseconds a page counts. */
const PAGE = 1024;
/** A page takes as much memory as so many times alone. */
const MANY = 128;
/** Up to so many times, each is kept alone. */
const FEW = 16_384;

interface Page {
  /** The first microsecond that it counts. */
  first: number;
  total: number;
  /** The sum of the places in `counts` that were counted. */
  places: number;
  /** How often each microsecond was seen. */
  counts: Uint8Array | Float64Array;
}

/** Times that are all below those of the next part. */
interface Part {
  total: number;
  /** The time, in microseconds, that so many of the part are sorted before. */
  at(rank: number): number;
}

export interface Times {
  /** How many were added. */
  readonly count: number;
  add(seconds: number): void;
  /** Adds a time that is a whole number of them. */
  addMicroseconds(time: number): void;
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
 * A millisecond with many times in it takes about 1 KiB (8 KiB where one
 * microsecond was seen more than 255 times), and a time in any other 8 bytes, so
 * that neither many times nor times that are far apart take much.
 */
export function countTimes(): Times {
  const pages = new Map<number, Page>();
  /** Those that are in no page. */
  let alone = new Float64Array(64);
  let used = 0;
  /** How many were in no page when it was last tried. */
  let left = 0;
  let count = 0;
  let parts: Part[] | undefined;

  function addMicroseconds(time: number) {
    const number = Math.floor(time / PAGE);
    if (used === alone.length) makeRoom();
    const page = pages.get(number);
    if (page) addTo(page, time);
    else alone[used++] = time;
    count++;
    parts = undefined;
  }

  function makeRoom() {
    if (used >= Math.max(FEW, 4 * left)) putIntoPages();
    if (used <= alone.length / 2) return;
    const longer = new Float64Array(alone.length * 2);
    longer.set(alone.subarray(0, used));
    alone = longer;
  }

  /** Sorts those that are alone, and opens pages for where there are many. */
  function putIntoPages() {
    const sorted = sort(alone.subarray(0, used));
    const all = used;
    used = 0;
    for (let from = 0, to = 0; from < all; from = to) {
      const number = Math.floor(sorted[from]! / PAGE);
      to = bisectLeft(sorted, (number + 1) * PAGE, from, all);
      if (to - from < MANY) {
        alone.copyWithin(used, from, to);
        used += to - from;
        continue;
      }
      const counts = new Uint8Array(PAGE);
      const page: Page = { first: number * PAGE, total: 0, places: 0, counts };
      pages.set(number, page);
      for (let at = from; at < to; at++) addTo(page, sorted[at]!);
    }
    left = used;
  }

  /** All times, in order. */
  function inOrder(): Part[] {
    const sorted = sort(alone.subarray(0, used));
    const parts: Part[] = [];
    let from = 0;
    function addAlone(to: number) {
      const start = from;
      const total = to - start;
      if (total > 0) parts.push({ total, at: (rank) => sorted[start + rank]! });
      from = to;
    }
    for (const page of [...pages.values()].sort((a, b) => a.first - b.first)) {
      addAlone(bisectLeft(sorted, page.first, from));
      parts.push({ total: page.total, at: (rank) => placeIn(page, rank) });
    }
    addAlone(used);
    return parts;
  }

  function at(rank: number): number {
    let before = 0;
    for (const part of parts ??= inOrder()) {
      if (before + part.total > rank) return part.at(rank - before);
      before += part.total;
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
    for (let index = 0; index < used; index++) sum += alone[index]!;
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
    add: (seconds) => addMicroseconds(microseconds(seconds)),
    addMicroseconds,
    quantile,
    distribution,
  };
}

/** Calls that wait for each other wait longer and longer. */
function sort(times: Float64Array): Float64Array {
  const isSorted = times.every((time, at) =>
    at === 0 || time >= times[at - 1]!
  );
  return isSorted ? times : times.sort();
}

function addTo(page: Page, time: number) {
  const place = time - page.first;
  if (page.counts[place] === 255 && page.counts instanceof Uint8Array) {
    page.counts = Float64Array.from(page.counts);
  }
  page.counts[place]!++;
  page.total++;
  page.places += place;
}

/** The time of a page that so many of it are sorted before. */
function placeIn({ first, counts }: Page, rank: number): number {
  let place = 0;
  for (let before = 0; (before += counts[place]!) <= rank;) place++;
  return first + place;
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
