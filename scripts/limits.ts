/**
 * Which way of calling gets the most through a rate limit, and at what cost?
 *
 *     deno run -A scripts/limits.ts
 *
 * Runs naive async, a semaphore, one with a pause of a second, throttle, adaptive
 * and p-throttle against five kinds of limit, in trials of shuffled order. Each
 * pair writes results/metrics_STRATEGY-KIND.csv; what the server counted goes to
 * results/limits.json. With its defaults it takes seven minutes.
 */
import { cross } from "d3-array";
import { chapter, measure, runTrials, serve, words } from "./chapters/mod.ts";
import { writeOut } from "./chapters/mod.ts";
import { fetchDirectly } from "./fetch/mod.ts";
import { measuring } from "../lib/measure.ts";
import { count, duration, readOptions } from "../lib/options.ts";

const options = readOptions({
  trials: count(3, "how often each pair is measured"),
  limit: count(100, "requests that the server allows each second", 1, 100_000),
  length: duration("5s", "how long a trial would take at the full limit", {
    aboveZero: true,
  }),
  atOnce: count(1, "pairs measured at the same time, which disturb each other"),
  out: measuring.out,
  seed: measuring.seed,
});
const { limit, length, atOnce, out, seed } = options;

const kinds = ["fixed", "sliding-log", "sliding-counter", "bucket", "gcra"];

const calls = Math.ceil(limit * length);
const strategies: Record<string, string[]> = {
  "naive": words`async.ts --calls ${calls}`,
  "semaphore": words`semaphore.ts --concurrency 3 --calls ${calls}`,
  // Three calls a second is all that it makes.
  "semaphore-pause": words`semaphore.ts --concurrency 3 --pause 1s
    --calls ${Math.ceil(3 * length)}`,
  "throttle": words`throttle.ts --rate ${limit}/1s --calls ${calls}`,
  "adaptive": words`throttle.ts --adaptive --calls ${calls}`,
  "p-throttle": words`p-throttle.ts --rate ${limit}/1s --calls ${calls}`,
};

await chapter(`what was measured is in ${out}`, async () => {
  const target = await serve`target.ts --seed ${seed}`;
  const counted: object[] = [];
  const pairs = cross(Object.keys(strategies), kinds);
  await runTrials(pairs, options, async ([strategy, kind], rows, trial) => {
    const key = `${strategy}-${kind}-${trial}`;
    const query = `limit=${limit}&window=${kind}&key=${key}`;
    // A limit that must be found is one that isn't told.
    const headers = strategy === "adaptive" ? "&headers=none" : "";
    const url = `${target.url}/limited?${query}${headers}&id={id}`;
    const summary = await measure`${strategies[strategy]!}
      --name ${strategy}/${kind} --url ${url} ${rows}`;
    const answer = await fetchDirectly(`${target.url}/stats?key=${key}`);
    const stats = await answer.json();
    const { run, calls, seconds } = summary;
    const made = { strategy, kind, run, calls, seconds, limit, atOnce };
    counted.push({ ...made, ...stats });
    writeOut(out, "limits.json", counted);
    return {
      runs: [summary],
      line: strategy.padEnd(17) + kind.padEnd(17) +
        `${stats.accepted} accepted, ${stats.rejected} refused`,
    };
  });
});
