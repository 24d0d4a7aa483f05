/** Messages on their way to RabbitMQ, each kept until it is safe there. */
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Channel, Options } from "amqplib";
import type { Broker, BrokerOptions } from "./broker.ts";
import { Failure, messageOf } from "../exit.ts";
import { keepBroker, type Outages } from "./reconnect.ts";

export interface Outgoing {
  /** Unlike that of any other. */
  id: string;
  body: Buffer;
  properties: Options.Publish;
  /**
   * Is told once what became of it: no error is that RabbitMQ has it in a queue,
   * and on its disk if it is persistent.
   */
  onEnd(error?: unknown): void;
}

export interface Outbox {
  /** Publishes a message; resolves when the next one may come. */
  send(message: Outgoing): Promise<void>;
  /** Resolves when nothing is on its way. */
  emptied(): Promise<void>;
  /**
   * Rejects with a {@link Failure} when RabbitMQ was away for too long, or has
   * confirmed nothing for as long.
   */
  gone: Promise<never>;
  /** How many were published, published again, and confirmed. */
  books(): { published: number; again: number; confirmed: number };
  outages(): Outages;
  /** What is still on its way is told that nobody knows. */
  close(): Promise<void>;
}

/**
 * Opens an outbox on a connection that is open, and on another one whenever it is
 * lost: RabbitMQ may be away for `timeout` seconds.
 */
export function openOutbox(
  options: BrokerOptions & { timeout: number },
  first: Broker,
): Outbox {
  const { queue, timeout } = options;
  const books = { published: 0, again: 0, confirmed: 0 };
  const onItsWay = new Map<string, Outgoing>();
  /** Those in no queue: told just before they are confirmed. */
  const returned = new Set<string>();
  const stalled = Promise.withResolvers<never>();
  let emptied = Promise.withResolvers<void>();
  let why = "";
  let stall: ReturnType<typeof setTimeout> | undefined;

  const kept = keepBroker(options, {
    first,
    patience: timeout,
    setUp(broker) {
      const { channel } = broker;
      returned.clear();
      channel.on("return", ({ properties }) => {
        returned.add(properties.messageId);
      });
      for (const message of onItsWay.values()) {
        books.again++;
        publish(message, broker);
      }
    },
    onAway: (reason) => why = `: ${reason}`,
  });

  const gone = Promise.race([kept.gone, stalled.promise]);
  gone.catch(() => {});

  /** Whether the next one may come at once. */
  function publish(message: Outgoing, broker: Broker): boolean {
    const { id, body, properties } = message;
    // Without `mandatory` a message to a deleted queue is confirmed, and gone.
    const careful = { ...properties, messageId: id, mandatory: true };
    try {
      return broker.channel.sendToQueue(queue, body, careful, (error) => {
        onConfirm(message, broker, error);
      });
    } catch {
      // The channel is closed: it is published again on the next one.
      return true;
    }
  }

  function onConfirm(message: Outgoing, broker: Broker, error: unknown) {
    const isRefused = messageOf(error) === "message nacked";
    // All others are told that their channel was lost.
    if (error && !isRefused) return;
    if (returned.delete(message.id)) {
      // A new connection declares the queue again, and then all are sent again.
      if (kept.current() === broker) kept.replace(broker);
      return;
    }
    // One that was published twice may be confirmed twice.
    if (!onItsWay.delete(message.id)) return;
    if (!error) books.confirmed++;
    message.onEnd(error);
    why = "";
    watch();
    if (onItsWay.size === 0) emptied.resolve();
  }

  /** Waits as long again for the next confirm, if one is to come. */
  function watch() {
    clearTimeout(stall);
    if (onItsWay.size === 0) return;
    stall = setTimeout(() => {
      const message = `RabbitMQ has confirmed nothing for ${timeout} s${why}`;
      stalled.reject(new Failure(message));
    }, timeout * 1000);
  }

  return {
    async send(message) {
      const broker = await kept.ready();
      if (onItsWay.size === 0) emptied = Promise.withResolvers();
      onItsWay.set(message.id, message);
      if (onItsWay.size === 1) watch();
      books.published++;
      if (!publish(message, broker)) await drained(broker.channel);
    },
    async emptied() {
      if (onItsWay.size > 0) await emptied.promise;
    },
    gone,
    books: () => books,
    outages: kept.outages,
    async close() {
      clearTimeout(stall);
      // Some are confirmed until the channel has closed.
      await kept.close();
      for (const { onEnd } of onItsWay.values()) {
        onEnd(new Error("not confirmed"));
      }
      onItsWay.clear();
    },
  };
}

/** Resolves when a channel takes more, or never will. */
async function drained(channel: Channel) {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race(
    ["drain", "close"].map((event) =>
      once(channel, event, { signal }).catch(() => {})
    ),
  );
  over.abort();
}
