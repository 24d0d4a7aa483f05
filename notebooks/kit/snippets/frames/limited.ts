/** How many of 250 calls get through a limit of 100 in any second. */
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

const now = () => performance.now() / 1000;
const sleep = (seconds: number) => setTimeout(1000 * seconds);

const accepted: number[] = [];
const server = createServer(async (_, response) => {
  await sleep(0.02);
  const isFree = (accepted.at(-100) ?? -Infinity) < now() - 1;
  if (isFree) accepted.push(now());
  response.writeHead(isFree ? 200 : 429, { "retry-after": "1" }).end();
}).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as { port: number };

console.log("timestamp,url,status,elapsed,error");

async function call(id: number) {
  const [url, sent] = [`http://127.0.0.1:${port}/${id}`, now()];
  const { status, headers } = await fetch(url);
  const elapsed = (now() - sent).toFixed(6);
  console.log([new Date().toISOString(), url, status, elapsed, ""].join());
  return { status, headers };
}

export const concurrency = 3;
// The post's was a second, which lets 3 calls through in one.
export const pause = 0;
export const [limit, per] = [100, 1];
// So that 100 fit into a second, though some arrive 10 ms later than others.
export const [jitter, retries, interval] = [0.01, 3, 0.0101];
export const pauseAfter = ({ headers }: { headers: Headers }) =>
  Number(headers.get("retry-after"));

const ids = Array.from({ length: 250 }, (_, index) => index + 1);

// #region shown
await Promise.all(ids.map((id) => call(id)));
// #endregion

const seconds = (accepted.at(-1)! - accepted[0]!).toFixed(2);
console.error(`${accepted.length} of ${ids.length} accepted in ${seconds} s`);
server.close();
server.closeAllConnections();
