/**
 * How fast is the runtime's own fetch?
 *
 *     deno run -A scripts/fetch.ts --users 10 --duration 10s --url URL
 *     bun scripts/fetch.ts --url URL
 *     node scripts/fetch.ts --url URL
 *
 * A closed loop like scripts/users.ts, but with the runtime's own fetch instead of
 * undici. fetch itself handles connections and redirections.
 *
 * Ctrl-C stops sending and waits for open calls; press it again to quit now.
 *
 * Writes results/metrics_fetch.csv, a row for each call, and prints a summary.
 */
import { loading, measure } from "../lib/measure.ts";
import { count, duration, readOptions } from "../lib/options.ts";
import { createFetchClient } from "./fetch/mod.ts";
import { watchGenerator } from "./load/mod.ts";

const { maxBody: _, ...others } = loading;
const options = readOptions({
  users: count(10, "how many users call at once"),
  duration: duration("10s", "how long they call", { aboveZero: true }),
  ...others,
});

const style = {
  name: "fetch",
  unique: true,
  watch: watchGenerator,
  hasOptimum: false,
  planned: options.duration,
  client: createFetchClient,
  options: { ...options, maxBody: undefined },
};

await measure(style, async ({ call, sleep, now }) => {
  let calls = 0;
  async function live() {
    while (true) await call(++calls, now());
  }

  for (let user = 0; user < options.users; user++) live();
  await sleep(options.duration);
});
