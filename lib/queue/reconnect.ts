/** A connection to RabbitMQ that reopens when it is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Broker, type BrokerOptions, openBroker } from "./broker.ts";
import { Failure, messageOf } from "../exit.ts";
import { formatSeconds } from "../format.ts";

/** A {@link Broker} that is reopened when it is lost. */
export interface KeptBroker {
  /** Undefined while disconnected. */
  current(): Broker | undefined;
  /** Resolves when connected. */
  ready(): Promise<Broker>;
  /** Rejects with a {@link Failure} when RabbitMQ was unavailable for too long. */
  gone: Promise<never>;
  outages(): Outages;
  /** Closes a connection, so that a new one declares its queues again. */
  replace(broker: Broker): Promise<void>;
  close(): Promise<void>;
}

/** How often, and how long, RabbitMQ was unreachable or blocked. */
export interface Outages {
  times: number;
  seconds: number;
}

export interface KeepOptions {
  /** Prepares each new connection. */
  setUp(broker: Broker): unknown;
  /** A connection that is already open. */
  first?: Broker;
  /** How long RabbitMQ may be unavailable, in seconds. */
  timeout?: number;
  /** Called with the reason of an outage, once for each reason. */
  onAway?(why: string): void;
  /** Called after an outage with its seconds; prints them by default. */
  onReturn?(away: number): void;
}

const LEAST_PAUSE = 50;
const MOST_PAUSE = 1000;

/**
 * Connects, and reconnects whenever the connection is lost. Pauses between attempts
 * double and have jitter, so that clients don't all reconnect at once.
 */
export function keepBroker(
  options: BrokerOptions,
  { setUp, first, timeout = Infinity, onAway, onReturn = sayAway }: KeepOptions,
): KeptBroker {
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {});
  const closing = new AbortController();
  const { signal } = closing;
  const outages: Outages = { times: 0, seconds: 0 };
  let current: Broker | undefined;
  let next = Promise.withResolvers<Broker>();
  let wasOpen = false;

  function set(broker: Broker | undefined) {
    if (current && !broker) next = Promise.withResolvers();
    if (broker) next.resolve(broker);
    current = broker;
  }

  function returned(since: number) {
    const away = (performance.now() - since) / 1000;
    outages.times++;
    outages.seconds += away;
    onReturn(away);
  }

  /** Uses a connection until it is lost, and resolves to why. */
  async function use(broker: Broker, back: () => void): Promise<unknown> {
    let blocked: number | undefined;
    broker.onBlocked((why) => {
      if (why !== undefined) onAway?.(`it blocks publishers: ${why}`);
      else if (blocked !== undefined) returned(blocked);
      blocked = why === undefined ? undefined : performance.now();
    });
    try {
      await setUp(broker);
      set(broker);
      back();
      if (signal.aborted) await broker.close();
      return await broker.lost;
    } catch (error) {
      set(undefined);
      if (blocked !== undefined) returned(blocked);
      await broker.close().catch(() => {});
      return error;
    }
  }

  async function keep() {
    let opened = first;
    let since = performance.now();
    let isBack = true;
    let said = "";
    for (let pause = LEAST_PAUSE; !signal.aborted; pause *= 2) {
      let why: unknown;
      const broker = opened ?? await openBroker(options).catch((error) => {
        why = error;
      });
      opened = undefined;
      if (broker) {
        isBack = false;
        why = await use(broker, () => {
          isBack = true;
          pause = LEAST_PAUSE;
          if (wasOpen) returned(since);
          wasOpen = true;
        });
        if (isBack) since = performance.now();
      }
      if (signal.aborted) return;
      if (messageOf(why) !== said) onAway?.(said = messageOf(why));
      if (performance.now() - since > timeout * 1000) {
        return gone.reject(
          new Failure(
            `RabbitMQ has been unavailable for ${timeout} s: ${messageOf(why)}`,
          ),
        );
      }
      const most = Math.min(pause, MOST_PAUSE);
      await sleep(most * (1 + Math.random()) / 2, undefined, { signal })
        .catch(() => {});
    }
  }

  const kept = keep();
  return {
    current: () => current,
    ready: () => next.promise,
    gone: gone.promise,
    outages: () => outages,
    async replace(broker) {
      if (current === broker) set(undefined);
      await broker.close();
    },
    async close() {
      closing.abort();
      await current?.close();
      await kept;
    },
  };
}

function sayAway(seconds: number) {
  console.error(`RabbitMQ was unavailable for ${formatSeconds(seconds)}`);
}
