/** How long 20 calls take, to a server that needs 22 to 163 ms for each. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

// A call takes as long each time, so that ways of calling can be compared.
const server = createServer(async ({ url }, response) => {
  await setTimeout(60 * Math.exp(Math.sin(Number(url!.slice(1)))));
  response.end();
}).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as { port: number };

console.log("timestamp,url,status,elapsed,error");

async function call(id: number) {
  const url = `http://127.0.0.1:${port}/${id}`;
  const sent = performance.now();
  const response = await fetch(url);
  await response.text();
  const elapsed = ((performance.now() - sent) / 1000).toFixed(6);
  const row = [new Date().toISOString(), url, response.status, elapsed, ""];
  console.log(row.join());
}

export const concurrency = 3;
// The seconds that a permit is held after an answer, if all are.
export const pause = 0;
export const sleep = (seconds: number) => setTimeout(1000 * seconds);

const ids = Array.from({ length: 20 }, (_, index) => index + 1);
const start = performance.now();

// #region shown
for (const id of ids) await call(id);
// #endregion

const seconds = (performance.now() - start) / 1000;
console.error(`${ids.length} calls took ${seconds.toFixed(2)} s`);
server.close();
server.closeAllConnections();
