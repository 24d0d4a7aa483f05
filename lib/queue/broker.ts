/** A connection to RabbitMQ, and the queue with its dead letters. */
import type { Socket } from "node:net";
import process from "node:process";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import { Failure, messageOf } from "../exit.ts";
import { text } from "../options.ts";

/** Options of every script that uses RabbitMQ. */
export const broker = {
  amqp: text(
    "URL",
    undefined,
    "RabbitMQ (default: $AMQP_URL, or one on this machine)",
    {
      pattern: /^amqps?:\/\/./,
      says: "takes an amqp:// or amqps:// URL",
    },
  ),
  queue: text("NAME", "metrics", "queue name; dead letters go to NAME.dead"),
  queueType: text(
    "TYPE",
    undefined,
    "queue type: classic, or quorum, which is replicated across nodes " +
      "(default: RabbitMQ's)",
    { pattern: /^(classic|quorum)$/, says: "takes classic or quorum" },
  ),
};

export interface BrokerOptions {
  amqp?: string;
  queue: string;
  queueType?: string;
}

export interface Broker {
  channel: ConfirmChannel;
  /** Rejects with a {@link Failure} when the connection is lost. */
  lost: Promise<never>;
  /** Calls `listener` with the reason when RabbitMQ blocks, with undefined when it unblocks. */
  onBlocked(listener: (why: string | undefined) => void): void;
  /** Deletes the queue and its dead-letter queue. */
  deleteQueues(): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_MILLISECONDS = 2000;
const CLOSE_MILLISECONDS = 2000;
/**
 * After two of these without traffic each side drops the connection, so that the
 * messages of a machine that vanished are redelivered.
 */
const HEARTBEAT_SECONDS = 10;

/**
 * Connects and declares the durable queue and its dead-letter queue.
 *
 * @throws {Failure} if there is no RabbitMQ, or the queue has other properties
 */
export async function openBroker(
  { amqp, queue, queueType }: BrokerOptions,
): Promise<Broker> {
  const connection = await connectAny(addresses(amqp));
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => {});
  let open = true;
  connection.on("close", () => open = false);
  // A lost connection emits an error, a close, or both. If an operator closed it,
  // either of them may have the reason.
  for (const event of ["error", "close"]) {
    connection.on(event, (error?: Error) => {
      const reason = error ? messageOf(error) : "it was closed";
      reject(new Failure(`lost the connection to RabbitMQ: ${reason}`));
    });
  }
  // The socket is missing from amqplib's types.
  const { stream } = connection.connection as unknown as { stream: Socket };
  const dead = `${queue}.dead`;

  async function openChannel(): Promise<ConfirmChannel> {
    const channel = await connection.createConfirmChannel();
    channel.on("error", (error) => {
      reject(new Failure(`RabbitMQ closed the channel: ${messageOf(error)}`));
    });
    const declared = {
      durable: true,
      arguments: queueType && { "x-queue-type": queueType },
    };
    await channel.assertQueue(dead, declared);
    await channel.assertQueue(queue, {
      ...declared,
      deadLetterExchange: "",
      deadLetterRoutingKey: dead,
    });
    return channel;
  }

  let channel: ConfirmChannel;
  try {
    channel = await openChannel();
  } catch (error) {
    if (!open) return await lost;
    await connection.close().catch(() => {});
    throw new Failure(
      `queue ${queue} can't be used (${messageOf(error)}); ` +
        "delete it in RabbitMQ, or choose another one with --queue",
    );
  }
  return {
    channel,
    lost,
    onBlocked(listener) {
      connection.on("blocked", listener);
      connection.on("unblocked", () => listener(undefined));
    },
    async deleteQueues() {
      await channel.deleteQueue(queue);
      await channel.deleteQueue(dead);
    },
    async close() {
      if (!open) return;
      open = false;
      // If RabbitMQ doesn't respond, it never confirms the close.
      const silent = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        stream.destroy(new Error("RabbitMQ doesn't respond"));
        silent.resolve();
      }, CLOSE_MILLISECONDS);
      const closing = channel.close().catch(() => {})
        .then(() => connection.close()).catch(() => {});
      await Promise.race([closing, silent.promise]);
      clearTimeout(timer);
    },
  };
}

/** Whether RabbitMQ can be reached. */
export async function isReachable(amqp?: string): Promise<boolean> {
  try {
    await (await connectAny(addresses(amqp))).close();
    return true;
  } catch {
    return false;
  }
}

/** The addresses to try, in order: that of docker-compose.yml, then the default. */
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

function withHeartbeat(amqp: string): string {
  const url = new URL(amqp);
  const { searchParams: given } = url;
  if (!given.has("heartbeat")) given.set("heartbeat", `${HEARTBEAT_SECONDS}`);
  return url.href;
}

/** The last address that worked. It comes first: RabbitMQ is slow to refuse a password. */
let known: string | undefined;

async function connectAny(urls: string[]): Promise<ChannelModel> {
  const tried: string[] = [];
  const likely = urls.filter((url) => url === known);
  for (const url of new Set([...likely, ...urls])) {
    try {
      const connection = await connect(withHeartbeat(url), {
        timeout: CONNECT_MILLISECONDS,
        // A message is three frames; Nagle's algorithm would delay them by 40 ms.
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
    `can't reach RabbitMQ:\n${tried.join("\n")}\n` +
      "Start it with `docker compose up -d --wait`, or install it " +
      "(`apt-get install rabbitmq-server`, `brew install rabbitmq`) and run " +
      "`rabbitmq-server`. If it runs elsewhere, set --amqp or AMQP_URL.",
  );
}
