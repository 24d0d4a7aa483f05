/**
 * How do you make a server twenty times slower, or faster?
 *
 *     deno run -A scripts/ladder.ts
 *     deno run -A scripts/ladder.ts --only /blocking --only /lean --trials 10
 *     deno run -A scripts/ladder.ts --long
 *
 * Attacks each route of scripts/webhook.ts at 500 a second, with a fresh server
 * each time, in trials whose order is shuffled by the seed. Then the two ends of
 * the ladder sustain a load for longer and are profiled; and then many requests
 * come at once to a service that is slow and has a limit, without a queue before
 * it and with one. With its defaults it takes 25 minutes.
 *
 * Each route writes results/metrics_webhook-ROUTE.csv, and the event loop's lag
 * to results/lag_webhook-ROUTE.csv.
 */
import { closest } from "fastest-levenshtein";
import { broker, openBroker } from "../lib/broker.ts";
import { Failure, main } from "../lib/failure.ts";
import { formatSeconds } from "../lib/format.ts";
import { interleave, type Series } from "../lib/interleave.ts";
import { onInterrupt } from "../lib/interrupt.ts";
import { measuring } from "../lib/measure.ts";
import { count, duration, flag, many } from "../lib/options.ts";
import { readOptions, wrong } from "../lib/options.ts";
import { amendRun } from "../lib/results.ts";
import { startScript, startServer } from "../lib/script.ts";
import { attack, type Way } from "../lib/webhook/attack.ts";
import { consumerRoute, ends, matrix } from "../lib/webhook/names.ts";
import { nameOf, rungs, ways } from "../lib/webhook/names.ts";
import { writePayload } from "../lib/webhook/payload.ts";

const routes = [...rungs, ...matrix, ...ways];
const options = readOptions({
  rate: count(500, "requests per second"),
  duration: duration("5s", "how long they come", { aboveZero: true }),
  timeout: duration("30s", "how long a client waits", { aboveZero: true }),
  trials: count(6, "how often each route is measured"),
  handOver: duration("24ms", "how long it takes to hand on an event", {
    aboveZero: true,
  }),
  sustain: duration("10s", "how long a load is then sustained"),
  long: flag("sustain it for 4m, as the source did"),
  atOnce: count(1000, "requests that come to the slow service at once"),
  limit: count(100, "calls that it takes each second"),
  only: many(
    "ROUTE",
    "one that is measured, and the others are not; may be repeated",
    String,
  ),
  amqp: broker.amqp,
  out: measuring.out,
  seed: measuring.seed,
});
const { rate, duration: seconds, trials, handOver, limit, out, seed } = options;
for (const route of options.only) {
  if (routes.includes(route)) continue;
  const nearest = closest(route, routes);
  wrong(
    `--only ${route} is no route; did you mean ${nearest}? ` +
      `There are: ${routes.join(" ")}`,
  );
}
function wanted(some: string[]): string[] {
  const { only } = options;
  return some.filter((route) => only.length === 0 || only.includes(route));
}

await main(async () => {
  const payload = writePayload(out);
  const { signal, again, dispose } = onInterrupt({ twice: true });
  const queue = `call-styles-ladder-${process.pid}`;
  const rabbit = await openBroker({ amqp: options.amqp, queue });
  const target = await startServer("target.ts", "--seed", String(seed));
  const service = `${target.url}/delay/${handOver * 1000}`;
  const start = (script: string, options: string[]) =>
    startScript(script, options, signal, again);
  const way: Way = {
    ...options,
    payload,
    queue: ["--queue", queue]
      .concat(options.amqp ? ["--amqp", options.amqp] : []),
    run: (script, options) => start(script, options).ended,
  };
  const warm = { service, isWarm: true };

  try {
    const climbed = wanted([...rungs, ...matrix]);
    for (const { thing: route, series } of interleave(climbed, trials, seed)) {
      const { trial } = series;
      const summary = await attack(
        { route, rate, seconds, trial, ...warm },
        way,
      );
      amendRun(out, summary, { series });
      await rabbit.channel.purgeQueue(queue);
    }
    for (const route of wanted(ends)) {
      // What stops the event loop for 24 ms can't be had more often than that.
      const most = route === "/blocking" ? 0.95 / handOver : Infinity;
      const name = (what: string) => `${route}/${what}`;
      const lasting = options.long ? 240 : options.sustain;
      const sustained = { rate: Math.min(most, 200), seconds: lasting };
      const profiled = Math.min(2, lasting);
      const short = { rate: Math.min(most, rate / 10), seconds: profiled };
      await attack(
        { route, name: name("sustained"), ...sustained, ...warm },
        way,
      );
      await attack(
        { route, name: name("profile"), ...short, ...warm, isProfiled: true },
        way,
      );
      await rabbit.channel.purgeQueue(queue);
    }
    for (const { thing, series } of interleave(wanted(ways), trials, seed)) {
      await callAtOnce(thing, series);
    }
  } catch (error) {
    throw signal.aborted
      ? new Failure(`interrupted; what was measured is in ${out}`, 130)
      : error;
  } finally {
    await target.stop();
    await rabbit.deleteQueues();
    await rabbit.close();
    dispose();
  }

  /** Many at nearly the same moment, for a service that takes few a second. */
  async function callAtOnce(route: string, series: Series) {
    const { trial } = series;
    const key = `${route}-${trial}`;
    const service = `${target.url}/limited?limit=${limit}&window=sliding-log` +
      `&delay=100ms&key=${key}`;
    const consumer = route === "/queued" ? startConsumer(trial) : undefined;
    await consumer?.said("waiting for messages");
    const burst = { rate: options.atOnce * 10, seconds: 0.1 };
    const summary = await attack({ route, ...burst, trial, service }, way);
    const consumed = consumer && JSON.parse(await consumer.ended);
    const stats = await fetch(`${target.url}/stats?key=${key}`);
    const counted = await stats.json();
    amendRun(out, summary, { series, service: counted });
    if (!consumed) return;
    const { messageCount: left } = await rabbit.channel.checkQueue(queue);
    amendRun(out, consumed, { series, service: counted, left });
    console.log(
      `${"  its consumer".padEnd(22)} ${consumed.ok} calls in ` +
        `${formatSeconds(consumed.seconds)}, ${counted.rejected} refused, ` +
        `${left} left`,
    );
  }

  function startConsumer(trial: number) {
    return start("consumer.ts", [
      ...way.queue,
      ...["--rate", String(limit), "--name", nameOf(consumerRoute)],
      ...["--out", out, "--json", ...trial > 1 ? ["--append"] : []],
      // Calls that first have to connect come late, and then too close.
      ...["--url", `${target.url}/delay/100`, "--warmup", "50"],
    ]);
  }
});
