/**
 * What does a server do at a rate that it can't slow down?
 *
 *     deno run -A scripts/attack.ts --rate 500 --duration 5s
 *     deno run -A scripts/attack.ts --rate 100,200,400 --ramp 10s --url URL
 *     deno run -A scripts/attack.ts --find 'p99<200ms' --url URL
 *
 * An open loop: each call is due at its time, whatever became of the others.
 * `wait` is from then until it was sent, `elapsed` from then until its end, and
 * both together are the response time, what a user would have met. --find
 * doubles and bisects the rate for the highest one at which the rule holds.
 *
 * Ctrl-C sends no more and waits for what is in flight; a second one doesn't.
 *
 * Writes results/metrics_attack.csv, a row for each call, and prints a summary.
 */
import { arrivals, stages } from "../lib/arrivals.ts";
import { findHighestRate, findOption } from "../lib/find.ts";
import { measure, measuring } from "../lib/measure.ts";
import { checkOpenFiles } from "../lib/open_files.ts";
import { count, duration, rates } from "../lib/options.ts";
import { readOptions, wrong } from "../lib/options.ts";
import { readRequests, requestOptions } from "../lib/requests.ts";

const { calls: _, ...common } = measuring;
const options = readOptions({
  rate: rates("500", "calls per second; several, as in 100,200, are steps"),
  duration: duration("5s", "how long each step lasts", { aboveZero: true }),
  ramp: duration("0s", "how long the rate climbs from 0 before that"),
  find: findOption,
  ...requestOptions,
  maxInFlight: count(undefined, "above that a call waits until it is sent"),
  connections: count(undefined, "opened before the run, and no others"),
  ...common,
});
const { find, ramp, maxInFlight = Infinity, connections } = options;
const most = Math.min(maxInFlight, connections ?? Infinity);
if (connections) checkOpenFiles(connections, `--connections ${connections}`);

const steps = options.rate.map(({ limit, per }) => limit / per);
const { total, seconds, due } = arrivals(
  stages(steps, options.duration, ramp),
);
if (options.warmup > total) wrong(`--warmup can't be more than ${total} calls`);

if (find.length > 0) {
  if (steps.length > 1) wrong("--find takes one --rate, to start from");
  if (options.expect.length > 0) {
    wrong("--find says it all: leave out --expect");
  }
  await findHighestRate("attack.ts", options);
} else {
  const style = {
    name: "attack",
    unique: true,
    hasOptimum: false,
    paced: true,
    most,
    connections,
    requests: await readRequests(options),
    options: { ...options, calls: total },
  };
  await measure(style, async ({ call, until, now }) => {
    // #region schedule
    // Each call starts when it is due, whatever became of the others. What is
    // not sent by the end never is.
    for (let n = 0; n < total && now() < seconds; n++) {
      await until(due(n));
      call(n + 1, due(n));
    }
    await until(seconds);
    // #endregion
  });
}
