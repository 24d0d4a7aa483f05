/**
 * How long do N calls take, with at most a few in flight?
 *
 *     deno run -A scripts/semaphore.ts --calls 50 --concurrency 3
 *
 * Writes results/metrics_semaphore-3.csv, a row for each call, and prints a
 * summary.
 */
import pLimit from "p-limit";
import { measure, measuring } from "../lib/measure.ts";
import { count, duration, readOptions } from "../lib/options.ts";

const options = readOptions({
  ...measuring,
  concurrency: count(3, "the most calls in flight"),
  pause: duration(
    "0s",
    "with all permits taken, wait this long before freeing one",
  ),
});
const { concurrency, pause } = options;
const style = {
  name: `semaphore-${concurrency}`,
  concurrency,
  hasOptimum: pause === 0,
  options,
};

await measure(style, async ({ ids, call, sleep }) => {
  // #region schedule
  // A call starts as soon as one of the permits is free.
  const semaphore = pLimit(concurrency);
  await Promise.all(ids.map((id) =>
    semaphore(async () => {
      await call(id);
      if (semaphore.activeCount === concurrency) await sleep(pause);
    })
  ));
  // #endregion
});
