/** Takes messages from RabbitMQ and acknowledges each when its work is done. */
import type { Channel, ConsumeMessage } from "amqplib";
import type { Broker, BrokerOptions } from "./broker.ts";
import { Failure } from "../exit.ts";
import { keepBroker, type Outages } from "./reconnect.ts";
import { PRODUCER } from "../summary.ts";

/** Whether a message is done, or goes to the dead letters. */
export type Verdict = "acknowledge" | "reject";

/** Thrown to leave a message unacknowledged, for another consumer. */
export class GivenBack extends Error {}

export interface Taking extends BrokerOptions {
  /** The most messages in progress: the prefetch. */
  concurrency: number;
  /** How many messages to take. */
  calls?: number;
  /** How long to wait for the next message, in seconds. */
  idle: number;
  /** How long RabbitMQ may be unavailable, in seconds. */
  timeout: number;
}

export interface Inbox {
  /** Resolves when the queue is being read. */
  opened: Promise<unknown>;
  /**
   * Resolves when the last message is done; rejects with a {@link Failure} if
   * RabbitMQ or the queue is gone.
   */
  ended: Promise<void>;
  /** Takes no more messages; finishes those in progress. */
  end(): void;
  counts(): MessageCounts;
  outages(): Outages;
  /** Unacknowledged messages go back to the queue. */
  close(): Promise<void>;
}

interface MessageCounts {
  delivered: number;
  /** Those delivered before, to any consumer. */
  redelivered: number;
  called: number;
  written: number;
  acknowledged: number;
  dead: number;
}

/**
 * Takes messages on an open connection, and reconnects when it is lost. A message is
 * settled when `work` resolves; if this process dies before that, RabbitMQ gives the
 * message to another consumer.
 */
export function openInbox(
  options: Taking,
  first: Broker,
  work: (message: ConsumeMessage) => Promise<Verdict>,
): Inbox {
  const { queue, concurrency, calls = Infinity } = options;
  const counts: MessageCounts = {
    delivered: 0,
    redelivered: 0,
    called: 0,
    written: 0,
    acknowledged: 0,
    dead: 0,
  };
  /** Messages that may be redelivered, by name. */
  const known = new Map<string, Known>();
  const settled: [string, Known][] = [];
  const over = Promise.withResolvers<void>();
  over.promise.catch(() => {});
  let idle: ReturnType<typeof setTimeout> | undefined;
  let failure: unknown;
  let accepting = true;
  let inWork = 0;
  let taken = 0;

  const kept = keepBroker(options, {
    first,
    timeout: options.timeout,
    async setUp({ channel }) {
      await channel.prefetch(concurrency);
      await channel.consume(queue, (message) => {
        if (message) return onMessage(message, channel);
        fail(
          new Failure(`queue ${queue} was deleted, along with its messages`),
        );
      });
      waitForNext();
    },
  });
  kept.gone.catch(fail);

  /** Ends when no message comes for `idle` seconds from now. */
  function waitForNext() {
    clearTimeout(idle);
    if (!accepting) return;
    // It doesn't end during work or while RabbitMQ is unavailable. The end of the
    // work, or a new connection, calls this function again.
    idle = setTimeout(() => {
      if (inWork === 0 && kept.current()) accept(false);
    }, options.idle * 1000);
  }

  /** Decides whether to take more; ends once it doesn't and no work is left. */
  function accept(more: boolean) {
    accepting &&= more;
    if (accepting || inWork > 0) return;
    clearTimeout(idle);
    if (failure) over.reject(failure);
    else over.resolve();
  }

  function fail(error: unknown) {
    failure ??= error;
    accept(false);
  }

  async function onMessage(message: ConsumeMessage, channel: Channel) {
    counts.delivered++;
    if (message.fields.redelivered) counts.redelivered++;
    if (!accepting) return;
    inWork++;
    accept(taken + inWork < calls);
    try {
      await settle(message, channel, await workOnce(message, channel));
      taken++;
    } catch (error) {
      // The channel was closed: RabbitMQ redelivers the message.
      const isClosed = (error as Error).name === "IllegalOperationError";
      if (!isClosed && !(error instanceof GivenBack)) failure ??= error;
    }
    inWork--;
    waitForNext();
    accept(!failure && taken + inWork < calls);
  }

  /** Settles a message on the channel that delivered it; no other one can. */
  function settle(
    message: ConsumeMessage,
    channel: Channel,
    verdict: Verdict,
  ) {
    if (verdict === "reject") {
      channel.reject(message, false);
      counts.dead++;
    } else {
      channel.ack(message);
      counts.acknowledged++;
    }
  }

  /**
   * Works on a message once. If its channel is lost before RabbitMQ gets the
   * acknowledgement, the message is redelivered, during the work or after it.
   */
  function workOnce(
    message: ConsumeMessage,
    channel: Channel,
  ): Promise<Verdict> {
    const name = nameOf(message);
    const before = name === undefined ? undefined : known.get(name);
    if (before && isRepeat(message, channel, before)) return before.working;
    const working = workAndCount(message);
    if (name === undefined) return working;
    const entry = { working, channel };
    known.set(name, entry);
    working.then(() => {
      // Of the others RabbitMQ has the acknowledgement: the prefetch guarantees it.
      settled.push([name, entry]);
      if (settled.length > concurrency) forget(...settled.shift()!);
    }, () => forget(name, entry));
    return working;
  }

  /** Forgets a message, unless a newer one has its name. */
  function forget(name: string, entry: Known) {
    if (known.get(name) === entry) known.delete(name);
  }

  async function workAndCount(message: ConsumeMessage) {
    const verdict = await work(message);
    counts.written++;
    if (verdict === "acknowledge") counts.called++;
    return verdict;
  }

  return {
    opened: Promise.race([kept.ready(), kept.gone]),
    ended: over.promise,
    end: () => accept(false),
    counts: () => counts,
    outages: kept.outages,
    async close() {
      accepting = false;
      clearTimeout(idle);
      await kept.close();
    },
  };
}

/** A message that was delivered: its work, and the channel it came by. */
interface Known {
  working: Promise<Verdict>;
  channel: Channel;
}

/** The id and the body of a message, since senders may reuse ids. */
function nameOf(
  { properties: { messageId }, content }: ConsumeMessage,
): string | undefined {
  return messageId === undefined
    ? undefined
    : `${messageId} ${content.toString("latin1")}`;
}

/**
 * Whether a message is a repeat of an earlier one with its name: published twice by
 * the producer, or redelivered because the first one's channel was lost.
 */
function isRepeat(
  { properties: { messageId }, fields }: ConsumeMessage,
  channel: Channel,
  before: Known,
): boolean {
  return PRODUCER.test(messageId) ||
    fields.redelivered && channel !== before.channel;
}
