/** Takes messages from RabbitMQ, and acknowledges each when its call is done. */
import type { Channel, ConsumeMessage } from "amqplib";
import type { Broker, BrokerOptions } from "./broker.ts";
import { Failure } from "../exit.ts";
import { keepBroker, type Outages } from "./reconnect.ts";
import { PRODUCER } from "../summary.ts";

/** A message is done, or it goes to the dead letters. */
export type Verdict = "acknowledge" | "reject";

/** Thrown to leave a message to another consumer. */
export class GivenBack extends Error {}

export interface Taking extends BrokerOptions {
  /** The most messages in work: the prefetch. */
  concurrency: number;
  /** How many to take. */
  calls?: number;
  /** How long to wait for the next one, in seconds. */
  idle: number;
  /** How long RabbitMQ may be away, in seconds. */
  timeout: number;
}

export interface Inbox {
  /** Resolves when messages may come. */
  opened: Promise<unknown>;
  /**
   * Resolves when there are no more and nothing is in work; then rejects with a
   * {@link Failure} if RabbitMQ or the queue is gone.
   */
  ended: Promise<void>;
  /** Takes no more messages; those in work are the last. */
  end(): void;
  books(): Books;
  outages(): Outages;
  /** Messages that were not settled go back to the queue. */
  close(): Promise<void>;
}

/** How many messages there were of each kind. */
interface Books {
  delivered: number;
  /** Those that RabbitMQ had delivered before, to any consumer. */
  redelivered: number;
  called: number;
  written: number;
  acknowledged: number;
  dead: number;
}

/**
 * Takes messages on an open connection, and on a new one when it is lost. `work`
 * resolves when all that a message asks for is done; if this process dies before,
 * RabbitMQ gives the message to another consumer.
 */
export function openInbox(
  options: Taking,
  first: Broker,
  work: (message: ConsumeMessage) => Promise<Verdict>,
): Inbox {
  const { queue, concurrency, calls = Infinity } = options;
  const books: Books = {
    delivered: 0,
    redelivered: 0,
    called: 0,
    written: 0,
    acknowledged: 0,
    dead: 0,
  };
  /** Messages that may be redelivered, by their names. */
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
    patience: options.timeout,
    async setUp({ channel }) {
      await channel.prefetch(concurrency);
      await channel.consume(queue, (message) => {
        if (message) return onMessage(message, channel);
        fail(
          new Failure(`queue ${queue} was deleted, and what was in it is gone`),
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
    // While work goes on or RabbitMQ is away it doesn't end; the end of the work, or
    // RabbitMQ when it is back, calls this again.
    idle = setTimeout(() => {
      if (inWork === 0 && kept.current()) accept(false);
    }, options.idle * 1000);
  }

  /** Once no more are accepted, those in work are the last. */
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
    books.delivered++;
    if (message.fields.redelivered) books.redelivered++;
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

  /** Only the channel that delivered a message can acknowledge it. */
  function settle(
    message: ConsumeMessage,
    channel: Channel,
    verdict: Verdict,
  ) {
    if (verdict === "reject") {
      channel.reject(message, false);
      books.dead++;
    } else {
      channel.ack(message);
      books.acknowledged++;
    }
  }

  /**
   * Works on a message once. If its channel is lost before RabbitMQ gets the
   * acknowledgement it is redelivered, while it is in work or after that.
   */
  function workOnce(
    message: ConsumeMessage,
    channel: Channel,
  ): Promise<Verdict> {
    const name = nameOf(message);
    const before = name === undefined ? undefined : known.get(name);
    if (before && mayBeSame(message, channel, before)) return before.working;
    const working = workAndCount(message);
    if (name === undefined) return working;
    const entry = { working, channel };
    known.set(name, entry);
    working.then(() => {
      // RabbitMQ knows of all but the last ones, no more than are in work.
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
    books.written++;
    if (verdict === "acknowledge") books.called++;
    return verdict;
  }

  return {
    opened: Promise.race([kept.ready(), kept.gone]),
    ended: over.promise,
    end: () => accept(false),
    books: () => books,
    outages: kept.outages,
    async close() {
      accepting = false;
      clearTimeout(idle);
      await kept.close();
    },
  };
}

/** The work on a message, and the channel that delivered it. */
interface Known {
  working: Promise<Verdict>;
  channel: Channel;
}

/** A sender may reuse an id, so the name includes what the message asks for. */
function nameOf(
  { properties: { messageId }, content }: ConsumeMessage,
): string | undefined {
  return messageId === undefined
    ? undefined
    : `${messageId} ${content.toString("latin1")}`;
}

/**
 * Whether a message is the earlier one of that name: published again by the
 * producer, or redelivered because the channel of the first was lost.
 */
function mayBeSame(
  { properties: { messageId }, fields }: ConsumeMessage,
  channel: Channel,
  before: Known,
): boolean {
  return PRODUCER.test(messageId) ||
    fields.redelivered && channel !== before.channel;
}
