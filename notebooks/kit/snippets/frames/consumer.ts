/** Writes each row to disk before it acknowledges the message. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { fsyncSync, openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { ConsumeMessage } from "amqplib";
import { connection } from "./rabbitmq.ts";

const channel = await connection.createChannel();
const { queue } = await channel.assertQueue("", { exclusive: true });

const server = createServer((_, response) => {
  setTimeout(() => response.end(), 50);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as { port: number };
for (let id = 1; id <= 20; id++) {
  channel.sendToQueue(queue, Buffer.from(`http://127.0.0.1:${port}/${id}`));
}

const file = openSync("rows.csv", "w");
const recording = { sync: () => Promise.resolve(fsyncSync(file)) };
const record = (row: unknown[]) => void writeSync(file, `${row.join()}\n`);
record(["timestamp", "url", "status", "elapsed", "error"]);

const client = {
  // The project's own client retries refused calls, and records each attempt.
  async call(url: string, _record: typeof record) {
    const sent = performance.now();
    const { status } = await fetch(url);
    const elapsed = ((performance.now() - sent) / 1000).toFixed(6);
    return [new Date().toISOString(), url, status, elapsed, ""];
  },
};

async function work({ content }: ConsumeMessage) {
  const request = content.toString();
  // #region shown
  record(await client.call(request, record));
  await recording.sync();
  return "acknowledge";
  // #endregion
}

const { promise: ended, resolve: end } = Promise.withResolvers<void>();
let acknowledged = 0;
await channel.prefetch(5);
await channel.consume(queue, async (message) => {
  if (await work(message!) === "acknowledge") channel.ack(message!);
  if (++acknowledged === 20) end();
});
await ended;
console.error(`${acknowledged} rows are in rows.csv, and acknowledged since`);
await connection.close();
server.close();
server.closeAllConnections();
