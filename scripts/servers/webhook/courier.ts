/** The thread that talks to RabbitMQ for threads that are blocked meanwhile. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { DONE, FAILED, type Order, type Work } from "./orders.ts";
import { type HandOver, openPublisher, type Publisher } from "./publisher.ts";

const publishers = new Map<string, Publisher>();

async function carryOut(work: Work) {
  const { client } = work;
  if (work.what === "connect") {
    const publisher = openPublisher(workerData as HandOver);
    publishers.set(client, publisher);
    return await publisher.opened();
  }
  const publisher = publishers.get(client)!;
  if (work.what === "send") return await publisher.send(work.id, work.json);
  publishers.delete(client);
  await publisher.close();
}

function listen(port: Pick<MessagePort, "on">) {
  port.on("message", async (order: Order) => {
    if (order.what === "listen") return listen(order.port);
    const outcome = await carryOut(order).then(() => DONE, () => FAILED);
    Atomics.store(order.cell, 0, outcome);
    Atomics.notify(order.cell, 0);
  });
}

listen(parentPort!);
parentPort!.postMessage("ready");
