/** Messages from RabbitMQ, each settled when what it asks for is done. */
import type { Channel, ConsumeMessage } from "amqplib";
import type { Broker, BrokerOptions } from "./broker.ts";
import { Failure } from "../exit.ts";
import { keepBroker, type Outages } from "./reconnect.ts";
import { PRODUCER } from "../summary.ts";

/** What becomes of a message: it was done, or it can't be and is a dead letter. */
export type Verdict = "acknowledge" | "reject";

/** Thrown for a message that is not worked on any more: another may take it. */
export class GivenBack extends Error {}

export interface Taking extends BrokerOptions {
  /** How many may be in work: the prefetch. */
  concurrency: number;
  /** How many are taken. */
  calls?: number;
  /** How long to wait for another one, in seconds. */
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
  /** Takes no more: those in work are the last. */
  end(): void;
  books(): Books;
  outages(): Outages;
  /** What was delivered and isn't settled goes back to the queue. */
  close(): Promise<void>;
}

/** How many messages there were of each kind. */
interface Books {
  delivered: number;
  /** Those delivered that RabbitMQ had delivered before, to whomever. */
  redelivered: number;
  called: number;
  written: number;
  acknowledged: number;
  dead: number;
}

/**
 * Takes messages on a connection that is open, and on another one whenever it is
 * lost. `work` has done all that a message asks for when it resolves; whoever
 * dies before leaves the message to another.
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
  /** Those that may come again, by their names. */
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

  /** Waits as long as it may for a message, from now on. */
  function waitForNext() {
    clearTimeout(idle);
    if (!accepting) return;
    // Whatever keeps it from ending now calls this again: the end of what is in
    // work, or RabbitMQ when it is back.
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
      // RabbitMQ delivers again what its channel was closed for.
      const isClosed = (error as Error).name === "IllegalOperationError";
      if (!isClosed && !(error instanceof GivenBack)) failure ??= error;
    }
    inWork--;
    waitForNext();
    accept(!failure && taken + inWork < calls);
  }

  /** An acknowledgement is for the channel that delivered, and for no other. */
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
   * One that comes again, since its channel was lost before RabbitMQ knew of its
   * end, is in work still, or its end is known.
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
      // RabbitMQ knows of all but the last few: no more than it has in work.
      settled.push([name, entry]);
      if (settled.length > concurrency) forget(...settled.shift()!);
    }, () => forget(name, entry));
    return working;
  }

  /** Unless another message of that name is known meanwhile. */
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

/** What becomes of a message, and the channel that it came by. */
interface Known {
  working: Promise<Verdict>;
  channel: Channel;
}

/** A sender may use an id again: what a message asks for is a part of its name. */
function nameOf(
  { properties: { messageId }, content }: ConsumeMessage,
): string | undefined {
  return messageId === undefined
    ? undefined
    : `${messageId} ${content.toString("latin1")}`;
}

/**
 * Whether a message is the one before it with that name: published again by the
 * producer, or delivered again, for which the channel of the first was lost.
 */
function mayBeSame(
  { properties: { messageId }, fields }: ConsumeMessage,
  channel: Channel,
  before: Known,
): boolean {
  return PRODUCER.test(messageId) ||
    fields.redelivered && channel !== before.channel;
}
