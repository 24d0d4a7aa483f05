/**
 * Does anything get lost, or grow, in half an hour of faults?
 *
 *     deno run -A scripts/dev/soak.ts
 *     deno run -A scripts/dev/soak.ts --duration 2m --every 10s --seed 7
 *
 * Publishes messages at a rate to a RabbitMQ of its own, and has consumers call
 * them. Every now and then something breaks that the seed chooses: a consumer is
 * killed, its machine vanishes, its network is cut, RabbitMQ falls silent, is
 * restarted, closes all connections, or runs out of memory. In the end each
 * message has to have its row, and memory and sockets of all processes have to be
 * flat; else it exits with 1. The rows are in results/soak.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { shuffler } from "d3-array";
import { uniform } from "../servers/target/mod.ts";
import { Failure } from "../../lib/exit.ts";
import { count, duration, readOptions } from "../../lib/options.ts";
import { measuring } from "../../lib/measure.ts";
import { atEnd, chapter, startPrivateBroker } from "../chapters/mod.ts";
import {
  balance,
  brokerFaults,
  consumerFaults,
  growth,
  play,
  type Played,
  type Sample,
  sample,
  type Stage,
} from "./soak/mod.ts";

const options = readOptions({
  duration: duration("30m", "for how long messages are published", {
    aboveZero: true,
  }),
  rate: count(500, "messages per second"),
  every: duration("30s", "the time between two faults", { aboveZero: true }),
  consumers: count(3, "how many there are"),
  seed: measuring.seed,
  out: { ...measuring.out, fallback: "results/soak", shown: "results/soak" },
});
const { rate, every, consumers, seed, out } = options;
/** Calls in flight of each consumer, at most. */
const concurrency = 50;
const messages = Math.ceil(rate * options.duration);

await chapter(`what was measured is in ${out}`, async (signal) => {
  const rabbit = await startPrivateBroker();
  if (!rabbit) {
    throw new Failure(
      "it breaks a RabbitMQ of its own, and needs rabbitmq-server or Docker " +
        "to start one",
    );
  }
  atEnd(rabbit.stop);
  const samples: Sample[] = [];
  const begun = performance.now();
  const load = { messages, rate, consumers, concurrency, delay: 20, idle: 10 };
  report(
    await play(
      { rabbit, out, signal, ...load },
      (stage) => Promise.all([watch(stage), disturb(stage)]),
    ),
  );

  async function disturb(stage: Stage) {
    let drawn = 0;
    const random = () => uniform(seed, drawn++);
    const all = Object.keys({ ...brokerFaults, ...consumerFaults });
    for (let deck: string[] = []; await isOn(every);) {
      if (deck.length === 0) deck = shuffler(random)([...all]);
      const name = deck.pop()!;
      const victim = stage.consumers[Math.floor(random() * consumers)]!;
      console.log(`${clock(elapsed())}  ${name}`);
      await brokerFaults[name]?.(stage.rabbit);
      await consumerFaults[name]?.(victim);
    }
  }

  async function watch({ producer, consumers }: Stage) {
    while (await isOn(1)) {
      samples.push(...sample("producer", producer.pid));
      for (const { script } of consumers) {
        samples.push(...sample("consumer", script?.pid));
      }
    }
  }

  /** Whether messages are still published after so many seconds. */
  async function isOn(seconds: number): Promise<boolean> {
    await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
    return !signal.aborted && elapsed() < options.duration;
  }

  function elapsed(): number {
    return (performance.now() - begun) / 1000;
  }

  function report({ left, served, starts, producer }: Played) {
    const { called, duplicates, lost, failed } = balance(out, producer);
    const { published, again, confirmed } = producer.messages!;
    const grown = growth(samples, concurrency);
    console.log([
      `published ${published}, ${again} of them again, confirmed ${confirmed}`,
      `called ${called}, duplicates ${duplicates}, failed ${failed}, ` +
      `by the service's own count ${served}`,
      `lost ${messages - called}, left in the queue ${left}`,
      `consumers that were started again: ${starts}`,
      ...grown.map(({ role, memory, sockets }) =>
        `${role}: memory ${memory.map(megabytes).join(" -> ")}, ` +
        `sockets ${sockets.join(" -> ")}`
      ),
    ].join("\n"));
    if (called < messages || left > 0) {
      throw new Failure(`lost, for example: ${lost.join(", ")}`);
    }
    const growing = grown.filter(({ isFlat }) => !isFlat)
      .map(({ role }) => role);
    if (growing.length > 0) {
      throw new Failure(`not flat: ${growing.join(", ")}`);
    }
  }
});

function clock(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)];
  return `${minutes}:${String(rest).padStart(2, "0")}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
