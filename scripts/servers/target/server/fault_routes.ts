/** The routes of /fault, one for each kind of network failure. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

export const faults: Record<
  string,
  (request: IncomingMessage, response: ServerResponse) => void
> = {
  "reset": ({ socket }) => socket.resetAndDestroy(),
  "hang": () => {},
  "truncate": ({ socket }, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write("x".repeat(500), () => socket.end());
  },
  "garbage": ({ socket }) => socket.end("This is not HTTP\r\n\r\n"),
  "slow": (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    Readable.from(drip()).pipe(response);
  },
  "huge": (_, response) => {
    response.writeHead(200, { "content-length": 2 ** 34 });
    Readable.from(flood()).pipe(response);
  },
  "redirect-loop": ({ url }, response) => {
    response.writeHead(302, { location: url, "content-length": 0 }).end();
  },
};

async function* drip() {
  for (let byte = 0; byte < 100; byte++) {
    yield "x";
    await sleep(100);
  }
}

function* flood() {
  const chunk = Buffer.alloc(2 ** 16, "x");
  for (let sent = 0; sent < 2 ** 34; sent += chunk.length) yield chunk;
}
