/** How the image servers start and end. */
import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { messageOf } from "../failure.ts";
import { count, duration, flag, many, text, wrong } from "../options.ts";
import { tooLate } from "./body.ts";

export const serverOptions = {
  port: count(8080, "the port to listen on; 0 is any free one", 0, 65_535),
  host: text("HOST", "127.0.0.1", "the address to listen on"),
  allowHost: many(
    "NAME",
    "another host that pictures may be fetched from; may be repeated " +
      "(default: this machine alone)",
    (name) => {
      const hostname = URL.parse(`http://${name}`)?.hostname;
      if (hostname === name.toLowerCase()) return hostname;
      throw new RangeError("takes the name of a host, without a port");
    },
  ),
  fetchTimeout: duration(
    "5s",
    "how long a picture may take to come, from a URL or with a request",
    { aboveZero: true },
  ),
  untilEof: flag("end when standard input does, as a script's child"),
};

export interface Where {
  port: number;
  host: string;
}

/** Prints the URL that `listen` gives, and serves until a signal. */
export async function run(
  { port, host, untilEof }: Where & { untilEof: boolean },
  listen: (where: Where) => Promise<string> | string,
) {
  try {
    console.log(await listen({ port, host }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      wrong(`--port ${port} is taken; --port 0 takes any free one`);
    }
    wrong(`--host ${host} --port ${port} fails: ${messageOf(error)}`);
  }
  const stop = () => process.exit();
  process.on("SIGTERM", stop);
  // A terminal's Ctrl-C reaches the whole group, but the script that started
  // this one still has calls in flight.
  process.on("SIGINT", untilEof ? () => {} : stop);
  if (untilEof) process.stdin.resume().on("end", stop);
}

/** Has a server of node:http listen, and resolves to its URL. */
export async function listening(
  server: Server,
  { port, host }: Where,
): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  return urlOf(server.address() as AddressInfo);
}

export function urlOf(at: { address: string; port: number }): string {
  const host = at.address.includes(":") ? `[${at.address}]` : at.address;
  return `http://${host}:${at.port}`;
}

/**
 * Answers a request whose body takes longer than so many seconds, and closes its
 * connection. Of node:http's own requestTimeout only Node knows.
 */
export function limitBodies(server: Server, seconds: number): Server {
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
        const { status, headers, message: error } = tooLate(seconds);
        response.setHeader("content-type", "application/json")
          .writeHead(status, headers).end(JSON.stringify({ error }));
      }, seconds * 1000);
      request.once("close", () => clearTimeout(timer));
      // What is left of a refused body stands before the next request.
      response.once("finish", () => request.resume());
    },
  );
}
