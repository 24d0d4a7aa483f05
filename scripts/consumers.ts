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
import {
  chapter,
  interleave,
  runTrials,
  serve,
  start,
  words,
} from "./chapters/mod.ts";
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
const { calls, trials, amqp, queueType, out, seed } = options;

await chapter(`what was measured is in ${out}`, async () => {
  const queue = `call-styles-consumers-${crypto.randomUUID()}`;
  const rabbit = await openBroker({ amqp, queue, queueType });
  try {
    const target = await serve`target.ts --seed ${seed}`;
    await measure(
      target.url,
      words`--queue ${queue} --out ${out} --json
      ${amqp ? ["--amqp", amqp] : []}
      ${queueType ? ["--queue-type", queueType] : []}`,
    )
      .finally(target.stop);
  } finally {
    await rabbit.deleteQueues().catch(() => {});
    await rabbit.close();
  }
});

async function measure(target: string, common: string[]) {
  const url = `${target}/delay/${Math.round(options.delay * 1000)}?id={id}`;
  const crews = [...new Set(options.consumers)];
  await runTrials(
    interleave(crews, trials, seed),
    { out, trials },
    async ({ thing: consumers }, append) => {
      const many = `consumers-${consumers}`;
      const own = words`${common} ${append} --idle 1h
        --concurrency ${options.concurrency}`;
      const running = range(1, consumers + 1)
        .map((n) => start`consumer.ts --name ${many}/${n} ${own}`);

      async function callAll(): Promise<string[]> {
        const before = await served();
        await Promise.all(
          running.map(({ said }) => said("waiting for messages")),
        );
        const published = await start`producer.ts --name producer/${many}
          --calls ${calls} --url ${url} ${common} ${append}`.ended;
        while (await served() < before + calls) await sleep(20);
        return [
          published,
          ...await Promise.all(running.map((it) => it.stop())),
        ];
      }

      // A consumer that fails ends the trial.
      const failed = new Promise<never>((_, reject) => {
        for (const { ended } of running) ended.catch(reject);
      });
      const said = await Promise.race([callAll(), failed]);
      return {
        runs: said.map((summary) => JSON.parse(summary)),
        line: () => {
          const { summary } = readQueue(out, many).trials.at(-1)!;
          return `${consumers} ` +
            `${
              consumers === 1 ? "consumer " : "consumers"
            } ${summary.ok} calls, ` +
            `${formatNumber(summary.throughput)} per second`;
        },
      };
    },
  );

  async function served(): Promise<number> {
    return (await (await fetchDirectly(`${target}/stats`)).json()).accepted;
  }
}
