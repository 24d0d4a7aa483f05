/** A connection to RabbitMQ that is opened again whenever it is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Broker, type BrokerOptions, openBroker } from "./broker.ts";
import { Failure, messageOf } from "../exit.ts";
import { formatSeconds } from "../format.ts";

/** A {@link Broker} that is opened again whenever it is lost. */
export interface KeptBroker {
  /** Undefined while there is none. */
  current(): Broker | undefined;
  /** Resolves as soon as there is one. */
  ready(): Promise<Broker>;
  /** Rejects with a {@link Failure} when it was away for longer than it may. */
  gone: Promise<never>;
  /** How often it was away, or took no messages, and for how long. */
  outages(): Outages;
  /** Opens another one in place of it, so that all is declared anew. */
  replace(broker: Broker): Promise<void>;
  close(): Promise<void>;
}

/** When nothing could go on. */
export interface Outages {
  times: number;
  seconds: number;
}

/** How a broker is kept. */
export interface Keeping {
  /** Does what each that is opened needs. */
  setUp(broker: Broker): unknown;
  /** One that is open already. */
  first?: Broker;
  /** How long it may be away, in seconds. */
  patience?: number;
  /** Is told why it is away, once for each reason. */
  onAway?(why: string): void;
  /** Is told after how many seconds it was back; by default it is said. */
  onReturn?(away: number): void;
}

const LEAST_PAUSE = 50;
const MOST_PAUSE = 1000;

/**
 * Keeps a broker open: after it is lost, and while there is none, it tries again,
 * with pauses that double and vary, so that not all clients come at once.
 */
export function keepBroker(
  options: BrokerOptions,
  { setUp, first, patience = Infinity, onAway, onReturn = sayAway }: Keeping,
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

  /** Resolves to why it is over, when it is. */
  async function use(broker: Broker, back: () => void): Promise<unknown> {
    let blocked: number | undefined;
    broker.onBlocked((why) => {
      if (why !== undefined) onAway?.(`it takes no messages: ${why}`);
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
      if (performance.now() - since > patience * 1000) {
        return gone.reject(
          new Failure(`RabbitMQ is away for ${patience} s: ${messageOf(why)}`),
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
  console.error(`RabbitMQ was away for ${formatSeconds(seconds)}`);
}
