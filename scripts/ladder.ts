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
 * it and with one. With its defaults it takes 22 minutes.
 *
 * Each route writes results/metrics_webhook-ROUTE.csv, and the event loop's lag
 * to results/lag_webhook-ROUTE.csv.
 */
import { closest } from "fastest-levenshtein";
import { broker, openBroker } from "../lib/queue/mod.ts";
import {
  count,
  duration,
  flag,
  many,
  readOptions,
  wrong,
} from "../lib/options.ts";
import { atEnd, chapter, runTrials, serve, writeOut } from "./chapters/mod.ts";
import { measuring } from "../lib/measure.ts";
import { attack, callAtOnce } from "./chapters/ladder/mod.ts";
import { ends, HAND_OVER, matrix, rungs, ways } from "./chapters/names/mod.ts";
import { examplePayload } from "./servers/webhook/mod.ts";

const routes = [...rungs, ...matrix, ...ways];
const options = readOptions({
  rate: count(500, "requests per second"),
  duration: duration("5s", "how long they come", { aboveZero: true }),
  timeout: duration("30s", "how long a client waits", { aboveZero: true }),
  trials: count(6, "how often each route is measured"),
  handOver: duration(HAND_OVER, "how long it takes to hand on an event", {
    aboveZero: true,
  }),
  sustain: duration("10s", "how long a load is then sustained", {
    aboveZero: true,
  }),
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
const { rate, duration: seconds, handOver, out, seed } = options;
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

await chapter(`what was measured is in ${out}`, async () => {
  const payload = writeOut(out, "webhook-payload.json", examplePayload());
  const queue = `call-styles-ladder-${process.pid}`;
  const rabbit = await openBroker({ amqp: options.amqp, queue });
  const { channel } = rabbit;
  atEnd(rabbit.close);
  // What can't be reached can't be put in order either.
  atEnd(() => rabbit.deleteQueues().catch(() => {}));
  const { url: target } = await serve`target.ts --seed ${seed}`;
  const service = `${target}/delay/${Math.round(handOver * 1000)}`;
  const way = { ...options, payload, queue };
  await Promise.race([climb(), rabbit.lost]);

  async function climb() {
    const common = { service, isWarm: true };
    const climbed = wanted([...rungs, ...matrix]);
    await runTrials(climbed, options, async (route, rows, trial) => {
      const load = { route, rate, seconds, rows, trial, ...common };
      const attacked = await attack(load, way);
      await channel.purgeQueue(queue);
      return attacked;
    });
    for (const route of wanted(ends)) {
      // What stops the event loop for so long can't be had more often than that.
      const most = route === "/blocking" ? 0.95 / handOver : Infinity;
      const lasting = options.long ? 240 : options.sustain;
      const sustained = { rate: Math.min(most, 200), seconds: lasting };
      const short = {
        rate: Math.min(most, rate / 10),
        seconds: Math.min(2, lasting),
        isProfiled: true,
      };
      const loads = { sustained, profile: short };
      for (const [what, load] of Object.entries(loads)) {
        const name = `${route}/${what}`;
        const rows = ["--out", out];
        const attacked = { route, name, rows, ...load, ...common };
        console.log((await attack(attacked, way)).line);
      }
      await channel.purgeQueue(queue);
    }
    const { limit, atOnce } = options;
    await runTrials(
      wanted(ways),
      options,
      (route, rows, trial) =>
        callAtOnce({ route, rows, trial, atOnce, limit, target }, way, channel),
    );
  }
});
