/** RabbitMQ: where it is, and the queue with its dead letters. */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import { Failure, messageOf } from "./failure.ts";
import { text } from "./options.ts";

/** The options of every script that talks to RabbitMQ. */
export const broker = {
  amqp: text(
    "URL",
    undefined,
    "RabbitMQ (default: $AMQP_URL, or the one on this machine)",
    {
      pattern: /^amqps?:\/\/./,
      says: "takes an amqp:// or amqps:// URL",
    },
  ),
  queue: text("NAME", "metrics", "the queue; its dead letters go to NAME.dead"),
};

export interface Broker {
  channel: ConfirmChannel;
  /** Rejects with a {@link Failure} when the connection is lost. */
  lost: Promise<never>;
  /** Deletes the queue and the one for its dead letters. */
  deleteQueues(): Promise<void>;
  close(): Promise<void>;
}

/** A {@link Broker} that is opened again whenever it is lost. */
export interface KeptBroker {
  /** Undefined while there is none. */
  current(): Broker | undefined;
  /** Resolves once it has been opened for the first time. */
  opened: Promise<void>;
  /** Rejects with a {@link Failure} when it was away for longer than it may. */
  gone: Promise<never>;
  /** Opens another one in place of it, so that all is declared anew. */
  replace(broker: Broker): Promise<void>;
  close(): Promise<void>;
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
  /** Is told after how many seconds it was back. */
  onReturn?(away: number): void;
}

const CONNECT_MILLISECONDS = 2000;
const LEAST_PAUSE = 50;
const MOST_PAUSE = 1000;

/**
 * Connects, and declares the durable queue and the one for its dead letters.
 *
 * @throws {Failure} when there is no RabbitMQ, or the queue is another kind
 */
export async function openBroker(
  { amqp, queue }: { amqp?: string; queue: string },
): Promise<Broker> {
  const connection = await connectAny(addresses(amqp));
  const { promise: lost, reject } = Promise.withResolvers<never>();
  let open = true;
  lost.catch(() => open = false);
  // A lost connection emits an error, a close, or both; one closed by an
  // operator names its reason in either of them.
  for (const event of ["error", "close"]) {
    connection.on(event, (error?: Error) => {
      const reason = error ? messageOf(error) : "it was closed";
      reject(new Failure(`the connection to RabbitMQ is lost: ${reason}`));
    });
  }
  const channel = await connection.createConfirmChannel();
  const dead = `${queue}.dead`;
  channel.on("error", (error) => {
    reject(new Failure(`RabbitMQ closed the channel: ${messageOf(error)}`));
  });
  try {
    await channel.assertQueue(dead, { durable: true });
    await channel.assertQueue(queue, {
      durable: true,
      deadLetterExchange: "",
      deadLetterRoutingKey: dead,
    });
  } catch (error) {
    await connection.close();
    throw new Failure(
      `queue ${queue} can't be used (${messageOf(error)}); ` +
        "delete it in RabbitMQ, or name another one with --queue",
    );
  }
  return {
    channel,
    lost,
    async deleteQueues() {
      await channel.deleteQueue(queue);
      await channel.deleteQueue(dead);
    },
    async close() {
      if (!open) return;
      open = false;
      await channel.close().catch(() => {});
      await connection.close();
    },
  };
}

/**
 * Keeps a broker open: after it is lost, and while there is none, it tries again,
 * with pauses that double and vary, so that not all clients come at once.
 */
export function keepBroker(
  options: { amqp?: string; queue: string },
  { setUp, first, patience = Infinity, onAway, onReturn }: Keeping,
): KeptBroker {
  const opened = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {});
  const closing = new AbortController();
  const { signal } = closing;
  let current: Broker | undefined;

  /** Resolves to why it is over, when it is. */
  async function use(broker: Broker, back: () => void): Promise<unknown> {
    try {
      await setUp(broker);
      current = broker;
      opened.resolve();
      back();
      if (signal.aborted) await broker.close();
      return await broker.lost;
    } catch (error) {
      current = undefined;
      await broker.close().catch(() => {});
      return error;
    }
  }

  async function keep() {
    let next = first;
    let since = performance.now();
    let isBack = true;
    let said = "";
    for (let pause = LEAST_PAUSE; !signal.aborted; pause *= 2) {
      let why: unknown;
      const broker = next ?? await openBroker(options).catch((error) => {
        why = error;
      });
      next = undefined;
      const away = () => (performance.now() - since) / 1000;
      if (broker) {
        isBack = false;
        why = await use(broker, () => {
          isBack = true;
          pause = LEAST_PAUSE;
          if (broker !== first) onReturn?.(away());
        });
        if (isBack) since = performance.now();
      }
      if (signal.aborted) return;
      if (messageOf(why) !== said) onAway?.(said = messageOf(why));
      if (away() > patience) {
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
    opened: opened.promise,
    gone: gone.promise,
    async replace(broker) {
      if (current === broker) current = undefined;
      await broker.close();
    },
    async close() {
      closing.abort();
      await current?.close();
      await kept;
    },
  };
}

/** Whether a RabbitMQ can be reached. */
export async function isReachable(amqp?: string): Promise<boolean> {
  try {
    await (await connectAny(addresses(amqp))).close();
    return true;
  } catch {
    return false;
  }
}

/** The addresses to try, in order: those of docker-compose.yml come first. */
function addresses(amqp = process.env.AMQP_URL): string[] {
  if (amqp) return [amqp];
  const {
    RABBITMQ_DEFAULT_USER: user = "admin",
    RABBITMQ_DEFAULT_PASS: password = "admin123",
    RABBITMQ_PORT: port = 5672,
  } = process.env;
  return [
    `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}` +
    `@127.0.0.1:${port}`,
    "amqp://guest:guest@127.0.0.1:5672",
  ];
}

/** The last address that worked: RabbitMQ is slow to refuse a password. */
let known: string | undefined;

async function connectAny(urls: string[]): Promise<ChannelModel> {
  const tried: string[] = [];
  const likely = urls.filter((url) => url === known);
  for (const url of new Set([...likely, ...urls])) {
    try {
      const connection = await connect(url, {
        timeout: CONNECT_MILLISECONDS,
        // A message is three frames: held back, they wait 40 ms for an ack.
        noDelay: true,
      });
      known = url;
      return connection;
    } catch (error) {
      const host = URL.parse(url)?.host || "the address";
      tried.push(`  ${host}: ${messageOf(error) || String(error)}`);
    }
  }
  throw new Failure(
    `no RabbitMQ can be reached:\n${tried.join("\n")}\n` +
      "Start one with `docker compose up -d --wait`, or install it " +
      "(`apt-get install rabbitmq-server`, `brew install rabbitmq`) and run " +
      "`rabbitmq-server`; --amqp or AMQP_URL names one elsewhere.",
  );
}
