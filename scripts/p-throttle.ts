/**
 * How many calls a second fit through a rate limit with p-throttle?
 *
 *     deno run -A scripts/p-throttle.ts --calls 500 --rate 100
 *
 * Writes results/metrics_p-throttle.csv, a row for each call, and prints a
 * summary.
 */
import pThrottle from "p-throttle";
import { measure, measuring } from "../lib/measure.ts";
import { rates } from "./throttle/mod.ts";
import { readOptions, wrong } from "../lib/options.ts";

const options = readOptions({
  ...measuring,
  rate: rates("100/1s", "calls per second, or one limit such as 20/1s"),
});
const [{ limit, per } = { limit: 0, per: 0 }, second] = options.rate;
if (second || !Number.isInteger(limit)) {
  wrong("--rate takes one limit here, a whole number, as the library does");
}

await measure(
  { name: "p-throttle", hasOptimum: false, options },
  async ({ ids, call }) => {
    // #region schedule
    // At most so many calls in any second, as the library counts them.
    const throttle = pThrottle({ limit, interval: per * 1000, strict: true });
    const throttled = throttle(call);
    await Promise.all(ids.map((id) => throttled(id)));
    // #endregion
  },
);
