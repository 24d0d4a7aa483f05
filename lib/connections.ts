/** Keep-alive connections: HTTP/1.1, one call on each at a time. */
import type { Socket } from "node:net";
// Bun puts a stand-in of its own in the place of the bare name "undici".
import { buildConnector, Client } from "undici/index.js";

export interface Connection {
  origin: string;
  /** Carries one call after the other, and connects again when it has to. */
  http: Client;
  /** Whether a call has to wait for it to be opened. */
  opening: boolean;
}

export interface Connections {
  /** An idle connection, the one used last, or else a new one. */
  take(origin: string): Connection;
  /** Gives one back that can be used again. */
  release(connection: Connection): void;
  /** Ends one, with whatever call it carries. */
  discard(connection: Connection): void;
  /** Opens that many before they are needed; those that fail are left out. */
  open(origin: string, count: number): Promise<void>;
  close(): Promise<void>;
}

// undici's own pool would do, but it looks through all connections for each call,
// which shows with hundreds of them, and times calls that wait for one as sent.
export function openConnections(): Connections {
  const connector = buildConnector({ timeout: 0, allowH2: false });
  const idle = new Map<string, Connection[]>();
  const all = new Set<Connection>();
  /** Opened, and not yet in undici's hands. */
  const unused = new Set<Socket>();

  function add(origin: string, opened?: Socket): Connection {
    const http = new Client(origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect(options, callback) {
        const socket = opened;
        opened = undefined;
        if (socket) unused.delete(socket);
        if (socket && !socket.destroyed) {
          // Later, as undici expects: else it never sends the first request.
          return queueMicrotask(() => callback(null, socket));
        }
        connection.opening = true;
        connector(options, callback);
      },
    });
    const connection = { origin, http, opening: false };
    all.add(connection);
    return connection;
  }

  function connect(origin: string): Promise<Socket | undefined> {
    const { protocol, hostname, host, port } = new URL(origin);
    return new Promise((resolve) =>
      connector({ protocol, hostname, host, port }, (_, socket) => {
        // Until it is used nobody else listens.
        socket?.on("error", () => {});
        resolve(socket ?? undefined);
      })
    );
  }

  function idleOf(origin: string): Connection[] {
    let connections = idle.get(origin);
    if (!connections) idle.set(origin, connections = []);
    return connections;
  }

  return {
    take: (origin) => idleOf(origin).pop() ?? add(origin),
    release: (connection) => void idleOf(connection.origin).push(connection),
    discard(connection) {
      all.delete(connection);
      connection.http.destroy();
    },
    async open(origin, count) {
      const opened = await Promise.all(
        Array.from({ length: count }, () => connect(origin)),
      );
      for (const socket of opened) {
        if (!socket) continue;
        unused.add(socket);
        idleOf(origin).push(add(origin, socket));
      }
    },
    async close() {
      for (const socket of unused) socket.destroy();
      await Promise.all(Array.from(all, ({ http }) => http.destroy()));
    },
  };
}
