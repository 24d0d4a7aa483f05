/**
 * How long do N calls take, one after another?
 *
 *     deno run -A scripts/sync.ts --calls 50
 *
 * Writes results/metrics_sync.csv, a row for each call, and prints a summary.
 */
import { measure } from "../lib/measure.ts";

await measure({ name: "sync", concurrency: 1 }, async ({ ids, call }) => {
  // #region schedule
  // The next call starts when the last one has ended.
  for (const id of ids) {
    await call(id);
  }
  // #endregion
});
