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
import path from "node:path";
import { cross, group } from "d3-array";
import pLimit from "p-limit";
import { Failure, main, messageOf, onInterrupt } from "../lib/exit.ts";
import { count, duration, readOptions } from "../lib/options.ts";
import { fetchDirectly } from "./fetch/mod.ts";
import { replaceFile } from "../lib/files.ts";
import { interleave, type Series } from "./chapters/mod.ts";
import { measuring } from "../lib/measure.ts";
import { amendRun } from "../lib/results.ts";
import { startScript, startServer } from "../lib/script.ts";

const { trials, limit, length, atOnce, out, seed } = readOptions({
  trials: count(3, "how often each pair is measured"),
  limit: count(100, "requests that the server allows each second", 1, 100_000),
  length: duration("5s", "how long a trial would take at the full limit", {
    aboveZero: true,
  }),
  atOnce: count(1, "pairs measured at the same time, which disturb each other"),
  out: measuring.out,
  seed: measuring.seed,
});

const kinds = ["fixed", "sliding-log", "sliding-counter", "bucket", "gcra"];

const rate = ["--rate", `${limit}/1s`];
const all = ["--calls", String(Math.ceil(limit * length))];
const semaphore = ["semaphore.ts", "--concurrency", "3"];
const strategies: Record<string, string[]> = {
  "naive": ["async.ts", ...all],
  "semaphore": [...semaphore, ...all],
  // Three calls a second is all that it makes.
  "semaphore-pause": [
    ...semaphore,
    ...["--pause", "1s", "--calls", String(Math.ceil(3 * length))],
  ],
  "throttle": ["throttle.ts", ...rate, ...all],
  "adaptive": ["throttle.ts", "--adaptive", ...all],
  "p-throttle": ["p-throttle.ts", ...rate, ...all],
};

await main(async () => {
  const { signal, again, dispose } = onInterrupt({ twice: true });
  const target = await startServer("target.ts", "--seed", String(seed));
  const counted: Record<string, unknown>[] = [];
  const turns = interleave(cross(Object.keys(strategies), kinds), trials, seed);
  try {
    // One after another, since all trials of a pair write the same file.
    for (const trial of group(turns, ({ series }) => series.trial).values()) {
      const semaphore = pLimit({ concurrency: atOnce, rejectOnClear: true });
      const runs = trial.map(({ thing, series }) =>
        semaphore(() => run(...thing, series))
      );
      // One that fails keeps the others from starting.
      runs.forEach((run) => run.catch(() => semaphore.clearQueue()));
      await Promise.all(runs);
    }
  } finally {
    await target.stop();
    dispose();
  }

  async function run(strategy: string, kind: string, series: Series) {
    const { trial } = series;
    const key = `${strategy}-${kind}-${trial}`;
    const query = `limit=${limit}&window=${kind}&key=${key}`;
    // A limit that must be found is one that isn't told.
    const headers = strategy === "adaptive" ? "&headers=none" : "";
    const url = `${target.url}/limited?${query}${headers}&id={id}`;
    const [script, ...own] = strategies[strategy]!;
    const common = ["--name", `${strategy}/${kind}`, "--out", out, "--url", url]
      .concat("--json", trial > 1 ? ["--append"] : []);
    const running = startScript(script!, [...own, ...common], signal, again);
    const { name, run, seconds, calls } = JSON.parse(await running.ended);
    const stats = await (await fetchDirectly(`${target.url}/stats?key=${key}`))
      .json();
    const made = { strategy, kind, run, calls, seconds, limit, atOnce };
    counted.push({ ...made, ...stats });
    save();
    amendRun(out, { name, run }, { series });
    console.log(
      `trial ${trial} of ${trials}: ${strategy.padEnd(17)}${kind.padEnd(17)}` +
        `${stats.accepted} accepted, ${stats.rejected} refused`,
    );
  }

  function save() {
    const file = path.join(out, "limits.json");
    try {
      replaceFile(file, JSON.stringify(counted, null, 2) + "\n");
    } catch (error) {
      throw new Failure(`${file} can't be written (${messageOf(error)})`);
    }
  }
});
