/** Serves what is made of Request and Response, by the runtime's own server. */
import type { Server } from "node:http";
import { listening, urlOf, type Where } from "../http/mod.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

interface Runtimes {
  Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(): void },
      fetch: Fetch,
    ): { addr: { hostname: string; port: number } };
  };
  Bun?: {
    serve(
      options: {
        port: number;
        hostname: string;
        idleTimeout: number;
        fetch: Fetch;
      },
    ): { hostname: string; port: number };
  };
}

/**
 * Listens, and gives the URL. Node has no such server; Hono's waits half a second
 * for the rest of a body that is refused, while those of Deno and Bun wait on.
 */
export async function serve(fetch: Fetch, where: Where): Promise<string> {
  const { Deno, Bun } = globalThis as Runtimes;
  const { port, host: hostname } = where;
  // #region serve
  if (Deno) {
    const { addr } = Deno.serve({ port, hostname, onListen() {} }, fetch);
    return urlOf({ address: addr.hostname, port: addr.port });
  }
  if (Bun) {
    const server = Bun.serve({ port, hostname, idleTimeout: 0, fetch });
    return urlOf({ address: server.hostname, port: server.port });
  }
  const { createAdaptorServer } = await import("@hono/node-server");
  const server = createAdaptorServer({ fetch }) as Server;
  // A client that calls again just then would see its connection closed.
  server.keepAliveTimeout = 0;
  return listening(server, where);
  // #endregion
}
