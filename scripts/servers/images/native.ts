/** Serves a fetch handler with the runtime's own server. */
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
 * Listens, and resolves to the URL. Node has no such server, so this uses Hono's. After
 * refusing a body, Hono's waits half a second for its rest; Deno's and Bun's keep
 * waiting.
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
  // Otherwise a connection may be closed just as a client reuses it.
  server.keepAliveTimeout = 0;
  return listening(server, where);
  // #endregion
}
