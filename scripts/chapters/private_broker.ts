/** A RabbitMQ that is started for one run. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Failure, messageOf, say } from "../../lib/exit.ts";
import { isReachable, openBroker } from "../../lib/queue/mod.ts";
import { freePorts } from "./free_ports.ts";
import { $, atEnd } from "./run.ts";

export interface PrivateBroker {
  amqp: string;
  /** Runs rabbitmqctl with these words, as an operator does. */
  control(...words: string[]): Promise<unknown>;
  stop(): Promise<void>;
}

const START_SECONDS = 60;

/**
 * The options by which scripts reach a RabbitMQ: the one that is running, or else
 * one started for this chapter. Undefined if there is neither. The queue is
 * deleted at the end.
 */
export async function findBroker(
  broker: { amqp?: string; queue: string },
): Promise<string[] | undefined> {
  try {
    const { deleteQueues, close } = await openBroker(broker);
    atEnd(close);
    atEnd(deleteQueues);
    return broker.amqp ? ["--amqp", broker.amqp] : [];
  } catch (error) {
    say(messageOf(error));
    console.error("looking for a way to start one for this run ...");
    const own = await startPrivateBroker().catch((error) => {
      say(messageOf(error));
    });
    if (!own) return undefined;
    atEnd(own.stop);
    return ["--amqp", own.amqp];
  }
}

/** Closes all connections and starts RabbitMQ again with what is on its disk. */
export async function restart({ control }: PrivateBroker) {
  await control("stop_app");
  await control("start_app");
}

/**
 * Starts a RabbitMQ that shares no name, port or file with an installed one, by
 * `rabbitmq-server` or else Docker Compose. Undefined if neither is installed.
 */
export async function startPrivateBroker(): Promise<PrivateBroker | undefined> {
  const quietly = $({ nothrow: true });
  if ((await quietly`rabbitmqctl version`).exitCode === 0) {
    // Another process may take a port before the server does.
    return await startServer().catch(startServer);
  }
  if ((await quietly`docker info`).exitCode === 0) return startContainer();
}

async function startServer(): Promise<PrivateBroker> {
  const folder = await mkdtemp(path.join(tmpdir(), "call-styles-rabbitmq-"));
  // If root starts the server, it runs as another user.
  await chmod(folder, 0o777);
  const [port, distributionPort, epmdPort] = await freePorts(3);
  // These replace the files of an installed RabbitMQ.
  const file = (name: string) => path.join(folder, name);
  await writeFile(file("plugins"), "[].");
  const listener = `listeners.tcp.default = 127.0.0.1:${port}\n`;
  await writeFile(file("rabbitmq.conf"), listener);
  const env = {
    ...process.env,
    RABBITMQ_NODENAME: `call-styles-${process.pid}@localhost`,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      "-kernel inet_dist_use_interface {127,0,0,1}",
    RABBITMQ_CONF_ENV_FILE: file("rabbitmq-env.conf"),
    RABBITMQ_CONFIG_FILE: file("rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: file("advanced.config"),
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_PID_FILE: file("pid"),
    RABBITMQ_ENABLED_PLUGINS_FILE: file("plugins"),
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
  const our = $({ env });
  const server = our`rabbitmq-server`.nothrow();

  async function stop() {
    await our`rabbitmqctl shutdown`.nothrow();
    await server;
    // Erlang's port mapper outlives the node that started it.
    await our`epmd -kill`.nothrow();
    await rm(folder, { recursive: true, force: true });
  }

  const amqp = `amqp://guest:guest@127.0.0.1:${port}`;
  for (let waited = 0; waited < START_SECONDS && !server.output; waited++) {
    if (await isReachable(amqp)) {
      return { amqp, stop, control: (...words) => our`rabbitmqctl ${words}` };
    }
    await sleep(1000);
  }
  const reason = server.output
    ? `it ended: ${server.output.stdall.trim()}`
    : `it was not ready in ${START_SECONDS} s`;
  await stop();
  throw new Failure(`rabbitmq-server did not start: ${reason}`);
}

async function startContainer(): Promise<PrivateBroker> {
  const [port, managementPort] = await freePorts(2);
  const our = $({
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: {
      ...process.env,
      COMPOSE_PROJECT_NAME: `call-styles-${process.pid}`,
      RABBITMQ_DEFAULT_USER: "guest",
      RABBITMQ_DEFAULT_PASS: "guest",
      RABBITMQ_PORT: String(port),
      RABBITMQ_MANAGEMENT_PORT: String(managementPort),
    },
  });
  async function stop() {
    await our`docker compose down --volumes`.nothrow();
  }
  try {
    await our`docker compose up --detach --wait`;
  } catch (error) {
    await stop();
    throw new Failure(`docker compose failed: ${messageOf(error)}`);
  }
  return {
    amqp: `amqp://guest:guest@127.0.0.1:${port}`,
    stop,
    control: (...words) =>
      our`docker compose exec -T rabbitmq rabbitmqctl ${words}`,
  };
}
