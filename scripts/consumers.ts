/**
 * How much faster is a queue with more consumers?
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
import { atEnd, chapter, run, runTrials } from "./chapters/mod.ts";
import { serve, start, words } from "./chapters/mod.ts";
import { fetchDirectly } from "./fetch/mod.ts";
import { formatNumber } from "../lib/format.ts";
import { measuring } from "../lib/measure.ts";
import { count, duration, option, readOptions } from "../lib/options.ts";
import { broker, openBroker } from "../lib/queue/mod.ts";
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
const { calls, concurrency, amqp, queueType, out, seed } = options;

await chapter(`what was measured is in ${out}`, async () => {
  const queue = `call-styles-consumers-${crypto.randomUUID()}`;
  const rabbit = await openBroker({ amqp, queue, queueType });
  atEnd(rabbit.close);
  atEnd(() => rabbit.deleteQueues().catch(() => {}));
  const target = await serve`target.ts --seed ${seed}`;
  const url = `${target.url}/delay/${Math.round(options.delay * 1000)}?id={id}`;
  const common = words`--queue ${queue} --json
    ${amqp ? ["--amqp", amqp] : []}
    ${queueType ? ["--queue-type", queueType] : []}`;

  const crews = [...new Set(options.consumers)];
  await runTrials(crews, options, async (consumers, rows) => {
    const many = `consumers-${consumers}`;
    const running = range(1, consumers + 1).map((n) =>
      start`consumer.ts ${common} ${rows} --name ${many}/${n} --idle 1h
        --concurrency ${concurrency}`
    );

    async function callAll(): Promise<string[]> {
      const before = await served();
      await Promise.all(
        running.map(({ said }) => said("waiting for messages")),
      );
      const published = await run`producer.ts ${common} ${rows}
        --name producer/${many} --calls ${calls} --url ${url}`;
      while (await served() < before + calls) await sleep(20);
      const called = await Promise.all(running.map(({ stop }) => stop()));
      return [published, ...called];
    }

    // A consumer that fails ends the trial.
    const failed = new Promise<never>((_, reject) => {
      for (const { ended } of running) ended.catch(reject);
    });
    const said = await Promise.race([callAll(), failed]);
    return {
      runs: said.map((summary) => JSON.parse(summary)),
      line() {
        const { ok, throughput } = readQueue(out, many).trials.at(-1)!.summary;
        const some = consumers === 1 ? "consumer " : "consumers";
        return `${consumers} ${some} ${ok} calls, ` +
          `${formatNumber(throughput)} per second`;
      },
    };
  });

  async function served(): Promise<number> {
    return (await (await fetchDirectly(`${target.url}/stats`)).json()).accepted;
  }
});
