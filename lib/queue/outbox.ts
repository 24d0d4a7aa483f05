/** Publishes messages, and keeps each until RabbitMQ has confirmed it. */
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Channel, Options } from "amqplib";
import type { Broker, BrokerOptions } from "./broker.ts";
import { Failure, messageOf } from "../exit.ts";
import { keepBroker, type Outages } from "./reconnect.ts";

export interface Outgoing {
  /** Must be unique. */
  id: string;
  body: Buffer;
  properties: Options.Publish;
  /**
   * Called once. Without an error, RabbitMQ has the message in a queue, and on disk
   * if it is persistent.
   */
  onEnd(error?: unknown): void;
}

export interface Outbox {
  /** Publishes a message; resolves when there is room for the next one. */
  send(message: Outgoing): Promise<void>;
  /** Resolves when every message is confirmed. */
  emptied(): Promise<void>;
  /**
   * Rejects with a {@link Failure} when RabbitMQ has been unavailable, or has confirmed
   * nothing, for the timeout.
   */
  gone: Promise<never>;
  /** How many messages were published, published again, and confirmed. */
  counts(): { published: number; again: number; confirmed: number };
  outages(): Outages;
  /** Ends unconfirmed messages with an error. */
  close(): Promise<void>;
}

/**
 * Publishes on an open connection, and reconnects when it is lost. RabbitMQ may be
 * unavailable for `timeout` seconds.
 */
export function openOutbox(
  options: BrokerOptions & { timeout: number },
  first: Broker,
): Outbox {
  const { queue, timeout } = options;
  const counts = { published: 0, again: 0, confirmed: 0 };
  const unconfirmed = new Map<string, Outgoing>();
  /** Messages that reached no queue: returned just before they are confirmed. */
  const returned = new Set<string>();
  const stalled = Promise.withResolvers<never>();
  let emptied = Promise.withResolvers<void>();
  let why = "";
  let stall: ReturnType<typeof setTimeout> | undefined;

  const kept = keepBroker(options, {
    first,
    timeout,
    setUp(broker) {
      const { channel } = broker;
      returned.clear();
      channel.on("return", ({ properties }) => {
        returned.add(properties.messageId);
      });
      for (const message of unconfirmed.values()) {
        counts.again++;
        publish(message, broker);
      }
    },
    onAway: (reason) => why = `: ${reason}`,
  });

  const gone = Promise.race([kept.gone, stalled.promise]);
  gone.catch(() => {});

  /** Returns whether there is room for the next message. */
  function publish(message: Outgoing, broker: Broker): boolean {
    const { id, body, properties } = message;
    // Without this, RabbitMQ confirms and drops messages to a deleted queue.
    const mandatory = { ...properties, messageId: id, mandatory: true };
    try {
      return broker.channel.sendToQueue(queue, body, mandatory, (error) => {
        onConfirm(message, broker, error);
      });
    } catch {
      // The channel is closed; the next one publishes the message again.
      return true;
    }
  }

  function onConfirm(message: Outgoing, broker: Broker, error: unknown) {
    const isRefused = messageOf(error) === "message nacked";
    // Other errors mean that the channel was lost.
    if (error && !isRefused) return;
    if (returned.delete(message.id)) {
      // A new connection declares the queue and publishes everything again.
      if (kept.current() === broker) kept.replace(broker);
      return;
    }
    // A message that was published twice may be confirmed twice.
    if (!unconfirmed.delete(message.id)) return;
    if (!error) counts.confirmed++;
    message.onEnd(error);
    why = "";
    watch();
    if (unconfirmed.size === 0) emptied.resolve();
  }

  /** Restarts the timeout for the next confirm, if one is expected. */
  function watch() {
    clearTimeout(stall);
    if (unconfirmed.size === 0) return;
    stall = setTimeout(() => {
      const message = `RabbitMQ has confirmed nothing for ${timeout} s${why}`;
      stalled.reject(new Failure(message));
    }, timeout * 1000);
  }

  return {
    async send(message) {
      const broker = await kept.ready();
      if (unconfirmed.size === 0) emptied = Promise.withResolvers();
      unconfirmed.set(message.id, message);
      if (unconfirmed.size === 1) watch();
      counts.published++;
      if (!publish(message, broker)) await drained(broker.channel);
    },
    async emptied() {
      if (unconfirmed.size > 0) await emptied.promise;
    },
    gone,
    counts: () => counts,
    outages: kept.outages,
    async close() {
      clearTimeout(stall);
      // Some confirms still arrive while the channel closes.
      await kept.close();
      for (const { onEnd } of unconfirmed.values()) {
        onEnd(new Error("not confirmed"));
      }
      unconfirmed.clear();
    },
  };
}

/** Resolves when a channel has room, or has closed. */
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
