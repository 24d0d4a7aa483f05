/**
 * How long do N calls take, all at once?
 *
 *     deno run -A scripts/async.ts --calls 50
 *
 * Writes results/metrics_async.csv, a row for each call, and prints a summary.
 */
import { measure } from "../lib/measure.ts";

await measure({ name: "async" }, async ({ ids, call }) => {
  // #region schedule
  // All calls start at once; the slowest one decides when they are done.
  await Promise.all(ids.map((id) => call(id)));
  // #endregion
});
