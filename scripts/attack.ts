/**
 * How does a server cope with a fixed arrival rate?
 *
 *     deno run -A scripts/attack.ts --rate 500 --duration 5s
 *     deno run -A scripts/attack.ts --rate 100,200,400 --ramp 10s --url URL
 *     deno run -A scripts/attack.ts --find 'p99<200ms' --url URL
 *
 * An open loop: calls start on schedule, even if earlier ones are still running.
 * `wait` is the time from when a call was due until it was sent, `elapsed` the time
 * until its last byte; their sum is the response time, which a user would see.
 * --find doubles, then bisects the rate to find the highest at which the rule holds;
 * each try is a run in results/metrics_find.csv.
 *
 * Ctrl-C stops sending and waits for open calls; press it again to quit now.
 *
 * Writes results/metrics_attack.csv, a row for each call, and prints a summary.
 */
import {
  arrivals,
  checkOpenFiles,
  findHighestRate,
  findOption,
  readRequests,
  requestOptions,
  stages,
  watchGenerator,
} from "./load/mod.ts";
import { startMetronome } from "./load/metronome/mod.ts";
import { loading, measure } from "../lib/measure.ts";
import { count, duration, readOptions } from "../lib/options.ts";
import { rates } from "./throttle/mod.ts";

const options = readOptions({
  rate: rates("500", "calls per second, or 30/1m; 100,200 are two steps"),
  duration: duration("5s", "how long each step lasts", { aboveZero: true }),
  ramp: duration("0s", "how long the rate climbs from 0 before that"),
  find: findOption,
  ...requestOptions,
  maxInFlight: count(undefined, "the most open calls; others wait"),
  connections: count(
    undefined,
    "connections to open before the run, to the first request's server; also " +
      "the most open calls",
  ),
  ...loading,
});
const { find, ramp, maxInFlight = Infinity, connections } = options;
if (connections) checkOpenFiles(connections, `--connections ${connections}`);

const steps = options.rate.map(({ limit, per }) => limit / per);
const { total, seconds, due } = arrivals(
  stages(steps, options.duration, ramp),
);
/** One more second, so that a short delay doesn't lose the last calls. */
const end = seconds + 1;

const style = {
  name: "attack",
  unique: true,
  watch: watchGenerator,
  hasOptimum: false,
  planned: seconds,
  metronome: startMetronome,
  most: Math.min(maxInFlight, connections ?? Infinity),
  connections,
  requests: await readRequests(options),
  options: { ...options, calls: total },
};

if (find.length > 0) await findHighestRate("attack.ts", options);
else {
  await measure(style, async ({ call, until, now }) => {
    // #region schedule
    // Each call starts when it is due, even if earlier ones are still running.
    // Calls not sent by the end are never sent.
    for (let n = 0; n < total && now() < end; n++) {
      await until(due(n));
      call(n + 1, due(n));
    }
    await until(seconds);
    // #endregion
  });
}
