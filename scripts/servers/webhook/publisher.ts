/** Publishes messages without blocking. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Broker,
  keepBroker,
  writeMessage,
} from "../../../lib/queue/mod.ts";
import { wallClock } from "../../../lib/client.ts";
import { TIMEOUT, unavailable, urlOf } from "./orders.ts";

export interface HandOver {
  amqp?: string;
  queue: string;
  /** The URL that messages ask to call; {id} becomes the message's id. */
  service: string;
  /** The least time that a hand-over takes, in seconds. */
  seconds: number;
}

export interface Publisher {
  /**
   * Resolves when RabbitMQ has the message in a queue.
   *
   * @throws {Refusal} if it doesn't confirm within a second
   */
  send(id: string, json: string): Promise<void>;
  /** Resolves when connected; throws like {@link send}. */
  opened(): Promise<void>;
  close(): Promise<void>;
}

/** Connects, and reconnects when the connection is lost; passes `onAway` the reason. */
export function openPublisher(
  handOver: HandOver,
  onAway?: (why: string) => void,
): Publisher {
  const { service, queue, seconds } = handOver;
  let published = 0;
  /** The numbers of messages that reached no queue: returned just before their confirm. */
  const returned = new Set<number>();
  const broker = keepBroker(handOver, {
    setUp({ channel }) {
      channel.on("return", ({ properties }) => {
        returned.add(properties.headers?.number);
      });
    },
    onAway,
    onReturn() {},
  });

  /** Publishes message number `n`; senders may reuse ids. */
  function publish({ channel }: Broker, n: number, id: string, json: string) {
    const url = urlOf(service, id);
    const message = writeMessage({ url, id, json, published: wallClock() });
    // Without this, RabbitMQ confirms and drops messages to a deleted queue.
    const properties = { ...message.properties, mandatory: true };
    properties.headers = { ...properties.headers, number: n };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    channel.sendToQueue(queue, message.body, properties, (error) => {
      if (error) reject(error);
      else resolve();
    });
    return promise;
  }

  async function confirmed(open: Broker, id: string, json: string) {
    const n = ++published;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(late.reject, TIMEOUT);
    try {
      await Promise.race([publish(open, n, id, json), late.promise]);
    } catch {
      throw unavailable();
    } finally {
      clearTimeout(timer);
    }
    if (!returned.delete(n)) return;
    // The new connection declares the queue again.
    await broker.replace(open);
    throw unavailable();
  }

  return {
    async send(id, json) {
      const open = broker.current();
      if (!open) throw unavailable();
      const end = performance.now() + seconds * 1000;
      await confirmed(open, id, json);
      const left = end - performance.now();
      if (left > 0) await sleep(left);
    },
    async opened() {
      const late = sleep(TIMEOUT, true, { ref: false });
      if (await Promise.race([broker.ready(), late]) === true) {
        throw unavailable();
      }
    },
    close: broker.close,
  };
}
