/** What callers wait for whose server freezes for half a second. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

const sleep = (seconds: number) => setTimeout(1000 * seconds);

let start = performance.now();
const now = () => (performance.now() - start) / 1000;

const server = createServer(async (_, response) => {
  await sleep(now() < 1 ? 0.005 : Math.max(0.005, 1.5 - now()));
  response.end();
}).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as { port: number };
// The first call opens a connection, which would make it late.
await fetch(`http://127.0.0.1:${port}/`);

console.log("timestamp,url,status,elapsed,error");
start = performance.now();
const times: number[] = [];
let inFlight = 0;
let isOver = false;

async function call(id: number, moment: number) {
  if (isOver) await new Promise(() => {});
  const [url, sent] = [`http://127.0.0.1:${port}/${id}`, now()];
  inFlight++;
  const { status } = await fetch(url);
  inFlight--;
  const elapsed = (now() - sent).toFixed(6);
  console.log([new Date().toISOString(), url, status, elapsed, ""].join());
  times.push(now() - moment);
}

export const users = 2;
export const spawnRate = 0;
export const think = 0.005;
export const options = { duration: 3 };
export const rate = 100;
export const seconds = 3;
export const total = rate * seconds;
export const end = seconds + 1;
export const due = (n: number) => n / rate;
export const until = (moment: number) => sleep(Math.max(0, moment - now()));

// #region shown
for (let id = 1; id <= 10; id++) await call(id, now());
// #endregion

isOver = true;
while (inFlight > 0) await sleep(0.01);
times.sort((a, b) => a - b);
const [p50, p99] = [0.5, 0.99]
  .map((share) => times[Math.floor(share * times.length)]!.toFixed(3));
console.error(`${times.length} calls, median ${p50} s, p99 ${p99} s`);
server.close();
server.closeAllConnections();
