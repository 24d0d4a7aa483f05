/** What the ways of writing the webhook work with. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { say } from "../../../lib/exit.ts";
import { type BlockingClient, connect } from "./blocking_client.ts";
import { type Orders, urlOf } from "./orders.ts";
import { createPool } from "./pool.ts";
import { type HandOver, openPublisher } from "./publisher.ts";
import { callService } from "./service.ts";

/** Resolves when there is a connection, or when it is clear that there is none. */
export async function openResources(handOver: HandOver) {
  const { seconds, service } = handOver;
  const queue = openPublisher(handOver, say);
  // It takes as long as RabbitMQ itself: those who stand still wait for the rest.
  const workerData: HandOver = { ...handOver, seconds: 0 };
  const courier = new Worker(new URL("courier.ts", import.meta.url), {
    workerData,
  }) as Worker & Orders;
  await Promise.all([
    // Who calls before there is a RabbitMQ is told so.
    queue.opened().catch(() => {}),
    once(courier, "message"),
  ]);

  let client: BlockingClient | undefined;
  const pool = (threads: number) => createPool(threads, courier, handOver);
  return {
    queue,
    /** Opens a connection, and stands still meanwhile. */
    connect: () => connect(courier, seconds),
    /** One that is opened by the first who needs it. */
    client: () => client ??= connect(courier, seconds),
    pool4: pool(4),
    pool40: pool(40),
    pool100: pool(100),
    service: (id: string, json?: string) =>
      callService(urlOf(service, id), json),
  };
}
