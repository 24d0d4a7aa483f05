/** A RabbitMQ of our own, for when there is none. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isReachable, openBroker } from "../../lib/queue/mod.ts";
import { Failure, messageOf, say } from "../../lib/exit.ts";
import { freePorts } from "./free_ports.ts";
import { $ } from "./run.ts";

export interface PrivateBroker {
  amqp: string;
  /** Does what an operator does: it runs rabbitmqctl with these words. */
  control(...words: string[]): Promise<void>;
  /** Ends all connections, and starts again with what was on the disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const START_SECONDS = 60;

/** The RabbitMQ that is there, or one of our own, or none. */
export async function openAnyBroker(
  broker: { amqp?: string; queue: string },
): Promise<{ options: string[]; close(): Promise<void> } | undefined> {
  try {
    const { deleteQueues, close } = await openBroker(broker);
    return {
      options: broker.amqp ? ["--amqp", broker.amqp] : [],
      async close() {
        await deleteQueues();
        await close();
      },
    };
  } catch (error) {
    say(messageOf(error));
    console.error("looking for a way to start one for this run ...");
    const own = await startPrivateBroker().catch((error) => {
      say(messageOf(error));
    });
    if (own) return { options: ["--amqp", own.amqp], close: own.stop };
  }
}

/**
 * Starts a RabbitMQ with a node name, ports and a data folder of its own, by
 * `rabbitmq-server` or else Docker Compose. Undefined if neither is at hand.
 */
export async function startPrivateBroker(): Promise<PrivateBroker | undefined> {
  if (await works`rabbitmqctl version`) {
    // A port that was free may be taken before the server has it.
    return await startServer().catch(startServer);
  }
  if (await works`docker info`) return await startContainer();
}

/** Whether a command can be run, and succeeds. */
async function works(...command: [TemplateStringsArray]): Promise<boolean> {
  return (await $({ nothrow: true })(...command)).exitCode === 0;
}

async function startServer(): Promise<PrivateBroker> {
  const folder = await mkdtemp(path.join(tmpdir(), "call-styles-rabbitmq-"));
  // Started by root, the server runs as a user of its own.
  await chmod(folder, 0o777);
  const [port, distributionPort, epmdPort] = await freePorts(3);
  // Files of its own, so that those of an installed RabbitMQ are not read.
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
  const amqp = `amqp://guest:guest@127.0.0.1:${port}`;
  let ended: string | undefined;
  const our = $({ env, nothrow: true });
  const server = our`rabbitmq-server`
    .then(({ stdout, stderr }) =>
      ended = `it ended: ${stdout}${stderr}`.trim()
    );

  async function stop() {
    await our`rabbitmqctl shutdown`;
    await server;
    // Erlang's port mapper outlives the node that started it.
    await our`epmd -kill`;
    await rm(folder, { recursive: true, force: true });
  }

  async function control(...words: string[]) {
    await $({ env })`rabbitmqctl ${words}`;
  }

  async function restart() {
    await control("stop_app");
    await control("start_app");
  }

  for (let waited = 0; waited < START_SECONDS && !ended; waited++) {
    if (await isReachable(amqp)) return { amqp, control, restart, stop };
    await sleep(1000);
  }
  const reason = ended ?? `it was not ready in ${START_SECONDS} s`;
  await stop();
  throw new Failure(`rabbitmq-server did not start: ${reason}`);
}

async function startContainer(): Promise<PrivateBroker> {
  const [port, managementPort] = await freePorts(2);
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const env = {
    ...process.env,
    COMPOSE_PROJECT_NAME: `call-styles-${process.pid}`,
    RABBITMQ_DEFAULT_USER: "guest",
    RABBITMQ_DEFAULT_PASS: "guest",
    RABBITMQ_PORT: String(port),
    RABBITMQ_MANAGEMENT_PORT: String(managementPort),
  };
  const our = $({ cwd, env });
  const stop = async () =>
    void await our`docker compose down --volumes`.nothrow();
  const restart = async () => void await our`docker compose restart rabbitmq`;
  const control = async (...words: string[]) =>
    void await our`docker compose exec -T rabbitmq rabbitmqctl ${words}`;
  try {
    await our`docker compose up --detach --wait`;
  } catch (error) {
    await stop();
    throw new Failure(`docker compose failed: ${messageOf(error)}`);
  }
  const amqp = `amqp://guest:guest@127.0.0.1:${port}`;
  return { amqp, control, restart, stop };
}
