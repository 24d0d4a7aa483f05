/** A producer and consumers whose processes, networks and RabbitMQ break. */
import { setTimeout as sleep } from "node:timers/promises";
import { openBroker } from "../../../lib/queue/mod.ts";
import {
  type PrivateBroker,
  restart,
  type Script,
  serve,
  start,
  words,
} from "../../chapters/mod.ts";
import { fetchDirectly } from "../../fetch/mod.ts";
import type { Summary } from "../../../lib/summary.ts";
import { type Network, startNetwork } from "./network.ts";

export interface Staging {
  rabbit: PrivateBroker;
  /** The folder of the rows. */
  out: string;
  /** How many messages, and how many a second (default: all at once). */
  messages: number;
  rate?: number;
  consumers: number;
  /** Calls in flight of each consumer, at most. */
  concurrency: number;
  /** How long each call takes, in milliseconds. */
  delay: number;
  /** After how many seconds without a message a consumer ends. */
  idle: number;
  signal: AbortSignal;
}

export interface Consumer {
  /** Undefined between one process and the next. */
  script?: Script;
  network: Network;
}

export interface Stage {
  rabbit: PrivateBroker;
  consumers: Consumer[];
  producer: Script;
  /** Whether all messages are published, and none is left in the queue. */
  isDrained(): Promise<boolean>;
}

export interface Played {
  /** How often a consumer was started again. */
  starts: number;
  /** The summary of the producer. */
  producer: Summary;
  /** Messages that are left in the queue, and among the dead letters. */
  left: number;
  /** How many calls the service has answered. */
  served: number;
}

/** In seconds; after two or three silent ones a connection counts as lost. */
const HEARTBEAT = 1;

/** The names of the rows: that of the producer, and of each consumer. */
export const names = {
  producer: "producer",
  consumers: "async_rabbitmq",
};

/**
 * Publishes messages and has them called, while `disturb` breaks things. Consumers
 * that end early are started again. Resolves when all have ended by themselves.
 */
export async function play(
  staging: Staging,
  disturb: (stage: Stage) => Promise<unknown>,
): Promise<Played> {
  const { rabbit, out, messages, rate, delay, signal } = staging;
  const { concurrency, idle } = staging;
  const queue = `call-styles-soak-${crypto.randomUUID().slice(0, 8)}`;
  const target = await serve`target.ts`;
  const direct = new URL(rabbit.amqp);
  direct.searchParams.set("heartbeat", `${HEARTBEAT}`);
  const consumers: Consumer[] = [];
  const common = words`--queue ${queue} --out ${out} --json --timeout 60s`;
  let published = false;
  let producer: Script | undefined;
  let starts = 0;

  async function supervise(consumer: Consumer, index: number) {
    const through = new URL(direct);
    through.port = String(consumer.network.port);
    for (let isOver = false; !isOver && !signal.aborted;) {
      starts++;
      consumer.script = start`consumer.ts ${common} --append
        --amqp ${through.href} --name ${names.consumers}/${index + 1}
        --concurrency ${concurrency} --idle ${idle}s`;
      isOver = await consumer.script.ended.then(() => published, () => false);
      consumer.script = undefined;
      // Where there is no RabbitMQ it ends at once.
      if (!isOver) await sleep(100);
    }
  }

  async function isDrained() {
    if (!published) return false;
    const { channel, close } = await openBroker({ amqp: rabbit.amqp, queue });
    const { messageCount } = await channel.checkQueue(queue);
    await close();
    return messageCount === 0;
  }

  try {
    while (consumers.length < staging.consumers) {
      consumers.push({ network: await startNetwork(Number(direct.port)) });
    }
    const url = `${target.url}/delay/${delay}?id={id}`;
    producer = start`producer.ts ${common} --amqp ${direct.href}
      --name ${names.producer} --calls ${messages} --url ${url}
      ${rate === undefined ? [] : ["--rate", String(rate)]}`;
    const publishing = producer.ended.finally(() => published = true);
    const playing = consumers.map(supervise);
    const disturbing = disturb({ rabbit, consumers, producer, isDrained });
    const [said] = await Promise.all([publishing, disturbing, ...playing]);
    const stats = await (await fetchDirectly(`${target.url}/stats`)).json();
    const broker = await openBroker({ amqp: rabbit.amqp, queue });
    const left = await Promise.all(
      [queue, `${queue}.dead`].map((name) => broker.channel.checkQueue(name)),
    );
    await broker.deleteQueues();
    await broker.close();
    return {
      starts: starts - staging.consumers,
      producer: JSON.parse(said),
      left: left.reduce((sum, { messageCount }) => sum + messageCount, 0),
      served: stats.accepted,
    };
  } finally {
    await producer?.kill();
    for (const { script, network } of consumers) {
      await script?.kill();
      await network.stop();
    }
    await target.stop();
  }
}

/** Faults of one consumer. */
export const consumerFaults: Record<string, (victim: Consumer) => unknown> = {
  "a consumer is killed": ({ script }) => script?.kill(),
  "a consumer's machine vanishes"({ script, network }) {
    network.vanish();
    return script?.kill();
  },
  async "a consumer's network is cut"({ network }) {
    await network.cut();
    await sleep(500);
    await network.mend();
  },
  async "RabbitMQ is silent to a consumer"({ network }) {
    network.hold(true);
    // It notices when it misses heartbeats.
    await sleep(4 * HEARTBEAT * 1000);
    network.hold(false);
  },
};

/** Faults of RabbitMQ, which all who use it notice. */
export const brokerFaults: Record<string, (rabbit: PrivateBroker) => unknown> =
  {
    async "RabbitMQ runs out of memory"({ control }) {
      await control("set_vm_memory_high_watermark", "absolute", "1");
      await sleep(1000);
      await control("set_vm_memory_high_watermark", "0.4");
    },
    "an operator closes all connections": ({ control }) =>
      control("close_all_connections", "for a test"),
    "RabbitMQ is restarted": restart,
  };
