/** Intervals of a single trial: how its figures vary over its own calls. */
import { min, quantileSorted } from "d3-array";
import { uniform } from "../../../scripts/servers/target/mod.ts";
import type { Estimate } from "./interval.ts";

const SEED = 1;
/** A million calls take a second with the fewest. */
const [FEWEST_RESAMPLES, MOST_RESAMPLES] = [100, 1000];
const STEPS = 2e7;
/** A block's number and a time have to fit in one number. */
const MOST_BLOCKS = 2 ** 10;
/** With fewer blocks, or fewer calls beyond a quantile, an interval is too narrow. */
const FEWEST_BLOCKS = 30;
const FEWEST_BEYOND = 10;

/**
 * Quantiles of the times of one trial, and last their mean, with 95 % intervals:
 * a bootstrap over blocks of neighbouring calls, which keeps together calls
 * that share a stall (Carlstein 1986, The use of subseries values for estimating the
 * variance of a general statistic from a stationary sequence). It can't know by
 * how much runs differ, so that it is too narrow to compare two.
 *
 * @param times in seconds, in the order of the calls
 * @param ps from 0 to 1, ascending
 * @returns none of no times, or where a clock was set back and one is negative
 */
export function withinTrial(times: number[], ps: number[]): Estimate[] {
  if (!(min(times)! >= 0)) return [];
  const size = Math.ceil(
    Math.max(Math.sqrt(times.length), times.length / MOST_BLOCKS),
  );
  const blocks = Math.ceil(times.length / size);
  // Sorted once: a resample is then a walk that counts each time as often as its
  // block was drawn. The block sits below the time, in whole microseconds.
  const keys = Float64Array.from(
    times,
    (time, index) =>
      Math.round(time * 1e6) * MOST_BLOCKS + Math.floor(index / size),
  ).sort();
  const sorted = keys.map((key) => Math.floor(key / MOST_BLOCKS) / 1e6);
  const blockOf = Uint16Array.from(keys, (key) => key % MOST_BLOCKS);

  const values = ps
    .map((p) => quantileSorted(sorted as unknown as number[], p)!);
  values.push(sorted.reduce((sum, time) => sum + time, 0) / times.length);
  const isKnown = [...ps, 0]
    .map((p) => (1 - p) * times.length >= FEWEST_BEYOND);
  if (blocks < FEWEST_BLOCKS) return values.map((value) => ({ value }));

  const resamples = Math.max(
    FEWEST_RESAMPLES,
    Math.min(Math.ceil(STEPS / times.length), MOST_RESAMPLES),
  );
  const found = values.map(() => new Float64Array(resamples));
  let next = 0;
  for (let resample = 0; resample < resamples; resample++) {
    const drawn = new Uint16Array(blocks);
    for (let block = 0; block < blocks; block++) {
      drawn[Math.floor(uniform(SEED, next++) * blocks)]!++;
    }
    let total = 0;
    for (const block of blockOf) total += drawn[block]!;
    let seen = 0;
    let sum = 0;
    let place = 0;
    for (let index = 0; index < sorted.length; index++) {
      const times = drawn[blockOf[index]!]!;
      seen += times;
      sum += times * sorted[index]!;
      while (place < ps.length && seen > ps[place]! * (total - 1)) {
        found[place++]![resample] = sorted[index]!;
      }
    }
    found.at(-1)![resample] = sum / total;
  }
  return values.map((value, index) => {
    if (!isKnown[index]) return { value };
    const ascending = found[index]!.sort();
    const at = (p: number) => ascending[Math.round(p * (resamples - 1))]!;
    return { value, low: at(0.025), high: at(0.975) };
  });
}
