/** Hands messages on to the queue, without standing still. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Broker,
  keepBroker,
  writeMessage,
} from "../../../lib/queue/mod.ts";
import { wallClock } from "../../../lib/client.ts";
import { away, PATIENCE, urlOf } from "./orders.ts";

/** What a queue needs to be known of. */
export interface HandOver {
  amqp?: string;
  queue: string;
  /** What a message asks to call; {id} in it becomes the message's id. */
  service: string;
  /** How long a hand-over takes at least; 0 is no longer than it does. */
  seconds: number;
}

export interface Publisher {
  /**
   * Resolves when RabbitMQ has the message in a queue.
   *
   * @throws {Refusal} when it has not confirmed that within a second
   */
  send(id: string, json: string): Promise<void>;
  /** Resolves when it can send; throws as that does. */
  opened(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a connection, and another one whenever it is lost, which it tells. */
export function openPublisher(
  handOver: HandOver,
  onAway?: (why: string) => void,
): Publisher {
  const { service, queue, seconds } = handOver;
  let published = 0;
  /** The numbers of those in no queue: told just before they are confirmed. */
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

  /** As the n-th: a sender may use an id twice. */
  function publish({ channel }: Broker, n: number, id: string, json: string) {
    const url = urlOf(service, id);
    const message = writeMessage({ url, id, json, published: wallClock() });
    // Without `mandatory` a message to a deleted queue is confirmed, and gone.
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
    const timer = setTimeout(late.reject, PATIENCE);
    try {
      await Promise.race([publish(open, n, id, json), late.promise]);
    } catch {
      throw away();
    } finally {
      clearTimeout(timer);
    }
    if (!returned.delete(n)) return;
    // Which declares the queue again.
    await broker.replace(open);
    throw away();
  }

  return {
    async send(id, json) {
      const open = broker.current();
      if (!open) throw away();
      const end = performance.now() + seconds * 1000;
      await confirmed(open, id, json);
      const left = end - performance.now();
      if (left > 0) await sleep(left);
    },
    async opened() {
      const late = sleep(PATIENCE, true, { ref: false });
      if (await Promise.race([broker.ready(), late]) === true) throw away();
    },
    close: broker.close,
  };
}
