/** What the webhook's handlers use. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { say } from "../../../lib/exit.ts";
import { type BlockingClient, connect } from "./blocking_client.ts";
import { type Orders, urlOf } from "./orders.ts";
import { createPool } from "./pool.ts";
import { type HandOver, openPublisher } from "./publisher.ts";
import { callService } from "./service.ts";

/** Resolves when connected to RabbitMQ, or when the first attempt has failed. */
export async function openResources(handOver: HandOver) {
  const { seconds, service } = handOver;
  const queue = openPublisher(handOver, say);
  // The courier adds no delay; the blocked threads wait for the rest.
  const workerData: HandOver = { ...handOver, seconds: 0 };
  const courier = new Worker(new URL("courier.ts", import.meta.url), {
    workerData,
  }) as Worker & Orders;
  await Promise.all([
    // Requests are refused until RabbitMQ is there.
    queue.opened().catch(() => {}),
    once(courier, "message"),
  ]);

  let client: BlockingClient | undefined;
  const pool = (threads: number) => createPool(threads, courier, handOver);
  return {
    queue,
    /** Opens a connection, and blocks meanwhile. */
    connect: () => connect(courier, seconds),
    /** One shared connection, opened when first used. */
    client: () => client ??= connect(courier, seconds),
    pool4: pool(4),
    pool40: pool(40),
    pool100: pool(100),
    service: (id: string, json?: string) =>
      callService(urlOf(service, id), json),
  };
}
