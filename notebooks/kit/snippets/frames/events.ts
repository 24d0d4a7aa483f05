/** What a webhook does with an event, and 40 of them at once. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";

type Handler = (request: IncomingMessage, id: string) => unknown;

export const parse = JSON.parse;
export const serialize = JSON.stringify;

export async function postAll(handlers: Record<string, Handler>) {
  const server = createServer(async (request, response) => {
    const [route, id] = request.url!.split("?id=");
    const answer = (async () => await handlers[route!]!(request, id!))();
    response.statusCode = await answer.then(() => 200, () => 503);
    response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };

  const ids = Array.from({ length: 40 }, (_, id) => id);
  const body = JSON.stringify({ type: "invoice.pending" });
  for (const route of Object.keys(handlers)) {
    const url = `http://127.0.0.1:${port}${route}?id=`;
    const start = performance.now();
    const answers = await Promise.all(
      ids.map((id) => fetch(url + id, { method: "POST", body })),
    );
    const seconds = ((performance.now() - start) / 1000).toFixed(3);
    const accepted = answers.filter(({ ok }) => ok).length;
    console.log(`${route}: ${accepted} of 40 accepted in ${seconds} s`);
  }
  server.close();
  server.closeAllConnections();
}
