/** A limit for how long the body of a request may take, on node:http. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { tooLate } from "./body.ts";

/**
 * Answers a request whose body takes longer than so many seconds with a refusal,
 * and closes its connection. Of node:http's own requestTimeout only Node knows.
 */
export function limitBodies(
  server: Server,
  seconds: number,
  refusal = tooLate(seconds),
): Server {
  // A client that calls again just then would see its connection closed.
  server.keepAliveTimeout = 0;
  return server.on(
    "request",
    (request: IncomingMessage, response: ServerResponse) => {
      const timer = setTimeout(() => {
        if (request.complete) return;
        if (response.headersSent) return request.socket.destroy();
        // Should the rest come after all, nobody is to answer again.
        request.removeAllListeners();
        const { status, headers, message: error } = refusal;
        response.setHeader("content-type", "application/json")
          .writeHead(status, headers).end(JSON.stringify({ error }));
      }, seconds * 1000);
      request.once("close", () => clearTimeout(timer));
      // What is left of a refused body stands before the next request.
      response.once("finish", () => request.resume());
    },
  );
}
