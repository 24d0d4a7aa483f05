/**
 * How much more do several consumers of one queue get done?
 *
 *     deno run -A scripts/consumers.ts
 *     deno run -A scripts/consumers.ts --consumers 1,2,4,8 --delay 200ms --trials 10
 *
 * Publishes calls that are slow, and has them made by one consumer, by two and by
 * four, each a process of its own, in trials whose order is shuffled by the seed.
 * Consumer 2 of 4 writes results/metrics_consumers-4-2.csv, and its producer
 * results/metrics_producer-consumers-4.csv. With its defaults it takes a minute.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { range } from "d3-array";
import { broker, openBroker } from "../lib/queue/mod.ts";
import { main, onInterrupt, orInterrupted } from "../lib/exit.ts";
import { count, duration, option, readOptions } from "../lib/options.ts";
import { fetchDirectly } from "./fetch/mod.ts";
import { formatNumber } from "../lib/format.ts";
import { interleave, type Series } from "./chapters/mod.ts";
import { measuring } from "../lib/measure.ts";
import { amendRun } from "../lib/results.ts";
import { startScript, startServer } from "../lib/script.ts";
import { readQueue } from "../notebooks/kit/trials/mod.ts";

const options = readOptions({
  consumers: option(
    "N,N",
    "how many share the queue, one after another",
    "1,2,4",
    (text) =>
      text.split(",").map((number) => count(1, "").parse([number]) as number),
  ),
  calls: count(200, "how many calls are published in a trial"),
  delay: duration("100ms", "how long each takes"),
  concurrency: count(5, "calls in flight of each consumer, at most"),
  trials: count(5, "how often each number of consumers is measured"),
  queueType: broker.queueType,
  amqp: broker.amqp,
  out: measuring.out,
  seed: measuring.seed,
});
const { calls, trials, amqp, queueType, out, seed } = options;

await main(async () => {
  const { signal, again, dispose } = onInterrupt({ twice: true });
  const queue = `call-styles-consumers-${crypto.randomUUID()}`;
  const rabbit = await openBroker({ amqp, queue, queueType });
  const target = await startServer("target.ts", "--seed", String(seed))
    .catch(async (error) => {
      await rabbit.close();
      throw error;
    });
  const url = `${target.url}/delay/${Math.round(options.delay * 1000)}?id={id}`;
  const common = ["--queue", queue, "--out", out, "--json"]
    .concat(amqp ? ["--amqp", amqp] : [])
    .concat(queueType ? ["--queue-type", queueType] : []);
  try {
    const crews = [...new Set(options.consumers)];
    const turns = interleave(crews, trials, seed);
    for (const { thing: consumers, series } of turns) {
      await measure(consumers, series);
    }
  } catch (error) {
    throw orInterrupted(error, signal, `what was measured is in ${out}`);
  } finally {
    await target.stop();
    await rabbit.deleteQueues().catch(() => {});
    await rabbit.close();
    dispose();
  }

  async function served(): Promise<number> {
    return (await (await fetchDirectly(`${target.url}/stats`)).json()).accepted;
  }

  async function measure(consumers: number, series: Series) {
    const { trial } = series;
    const start = (script: string, name: string, ...own: string[]) =>
      startScript(
        script,
        [...common, "--name", name, ...own, ...trial > 1 ? ["--append"] : []],
        signal,
        again,
      );
    const many = `consumers-${consumers}`;
    const own = ["--concurrency", `${options.concurrency}`, "--idle", "1h"];
    const running = range(consumers)
      .map((n) => start("consumer.ts", `${many}/${n + 1}`, ...own));
    const failed = running.map(({ ended }) =>
      ended.then(() => Promise.withResolvers<never>().promise)
    );

    async function callAll() {
      const before = await served();
      await Promise.all(
        running.map(({ said }) => said("waiting for messages")),
      );
      const what = ["--calls", `${calls}`, "--url", url];
      const producer = start("producer.ts", `producer/${many}`, ...what);
      const published = await producer.ended;
      while (await served() < before + calls) await sleep(20);
      return [published, ...await Promise.all(running.map((it) => it.stop()))];
    }

    const said = await Promise.race([callAll(), ...failed]);
    for (const summary of said) amendRun(out, JSON.parse(summary), { series });
    const { summary } = readQueue(out, many).trials.at(-1)!;
    console.log(
      `trial ${trial} of ${trials}: ${consumers} ` +
        `${consumers === 1 ? "consumer " : "consumers"} ${summary.ok} calls, ` +
        `${formatNumber(summary.throughput)} per second`,
    );
  }
});
