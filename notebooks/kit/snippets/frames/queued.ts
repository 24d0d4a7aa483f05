/** How many of 40 events at once reach a service that refuses more than 10. */
import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { postAll } from "./events.ts";
import { connection } from "./rabbitmq.ts";

const channel = await connection.createConfirmChannel();
const { queue: name } = await channel.assertQueue("", { exclusive: true });
const queue = {
  async send(messageId: string, json: string) {
    channel.sendToQueue(name, Buffer.from(json), { messageId });
    await channel.waitForConfirms();
  },
};

// A consumer calls the service, with no more at once than it takes.
let served = 0;
await channel.prefetch(10);
await channel.consume(name, async (message) => {
  await sleep(500);
  channel.ack(message!);
  served++;
});

await postAll({
  // #region shown
  "/queue": (_, id) => queue.send(id, ""),
  // #endregion
});
while (served < 40) await sleep(10);
console.log(`the service has taken all ${served} of them`);
await connection.close();
