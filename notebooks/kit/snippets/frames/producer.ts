/** How long RabbitMQ takes to confirm each of 20 messages. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connection } from "./rabbitmq.ts";

const channel = await connection.createConfirmChannel();
const { queue } = await channel.assertQueue("", { expires: 60_000 });

console.log("id,published,confirmed");
const calls = 20;
const start = performance.now();
const now = () => ((performance.now() - start) / 1000).toFixed(4);
export const isDue = (_id: number) => true;

function message(id: number) {
  const body = Buffer.from(JSON.stringify({ url: `http://127.0.0.1/${id}` }));
  return { id, body, published: now() };
}

const outbox = {
  async send({ id, body, published }: ReturnType<typeof message>) {
    const properties = { persistent: true, messageId: String(id) };
    const hasRoom = channel.sendToQueue(queue, body, properties, (error) => {
      console.log([id, published, error ? "refused" : now()].join());
    });
    if (!hasRoom) await once(channel, "drain");
  },
  emptied: () => channel.waitForConfirms(),
};

// #region shown
for (let id = 1; id <= calls; id++) await outbox.send(message(id));
await outbox.emptied();
// #endregion

const { messageCount } = await channel.checkQueue(queue);
console.error(`${messageCount} messages are in the queue, after ${now()} s`);
await channel.deleteQueue(queue);
await connection.close();
