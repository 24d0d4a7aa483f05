import process from "node:process";
import { isReachable } from "../../../lib/queue/broker.ts";
import { startPrivateBroker } from "../../chapters/private_broker.ts";

export interface TestBroker {
  amqp: string;
  /** Why there is none. */
  missing?: string;
  stop(): Promise<void>;
}

const LOCAL = ["guest:guest", "admin:admin123"]
  .map((user) => `amqp://${user}@127.0.0.1:5672`);

/**
 * Finds a running RabbitMQ, or starts one. Doesn't set AMQP_URL: on Deno, test
 * files that run at the same time share their environment.
 */
export async function testBroker(): Promise<TestBroker> {
  const { AMQP_URL } = process.env;
  for (const amqp of AMQP_URL ? [AMQP_URL] : LOCAL) {
    if (await isReachable(amqp)) return { amqp, stop: async () => {} };
  }
  const missing = "no RabbitMQ is reachable, nor rabbitmq-server or Docker";
  return await startPrivateBroker() ??
    { amqp: LOCAL[0]!, missing, stop: async () => {} };
}
