/** Keep-alive connections: HTTP/1.1, one call on each at a time. */
import type { Socket } from "node:net";
// #region client
// Bun puts a stand-in of its own in the place of the bare name "undici".
import { buildConnector, Client } from "undici/index.js";
// #endregion

export interface Connection {
  origin: string;
  /** Carries one call after the other, and connects again when it has to. */
  http: Client;
  /** Whether a call has to wait for it to be opened. */
  opening: boolean;
  /**
   * The error, if it was reset. undici takes that for the end of a body that has
   * no other, but such a body is incomplete (RFC 9112, 8).
   */
  reset(): Error | undefined;
}

interface Tracked extends Connection {
  /** undici doesn't end one that it is still opening. */
  socket?: Socket;
}

export interface Connections {
  /** An idle connection, the one used last, or else a new one. */
  take(origin: string): Connection;
  /** Gives one back that can be used again. */
  release(connection: Connection): void;
  /** Ends one, with whatever call it carries. */
  discard(connection: Connection): void;
  /** Opens that many before they are needed: how many it could. */
  open(origin: string, count: number): Promise<number>;
  /** How many were opened so far, and how many were open at most at once. */
  counts(): { opened: number; most: number };
  close(): Promise<void>;
}

/**
 * Connections of our own: undici's pool looks through all of them for each call,
 * which shows with hundreds, and doesn't tell a call that waits for one from a
 * call that is served. Those opened in advance have `timeout` seconds for it.
 */
export function openConnections(timeout: number): Connections {
  // Its type doesn't tell that it gives the socket at once.
  const connector = buildConnector({ timeout: 0, allowH2: false }) as (
    ...given: Parameters<buildConnector.connector>
  ) => Socket;
  const idle = new Map<string, Tracked[]>();
  const all = new Set<Tracked>();
  /** Opened, and not yet in undici's hands. */
  const unused = new Set<Socket>();
  const counts = { opened: 0, most: 0 };
  let alive = 0;

  function openSocket(
    ...[options, callback]: Parameters<typeof connector>
  ): Socket {
    return connector(options, (...result) => {
      const [, socket] = result;
      if (socket) {
        counts.opened++;
        counts.most = Math.max(counts.most, ++alive);
        socket.once("close", () => alive--);
      }
      callback(...result);
    });
  }

  function add(origin: string, opened?: Socket): Tracked {
    const http = new Client(origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect(options, callback) {
        const socket = opened;
        opened = undefined;
        if (socket) unused.delete(socket);
        connection.socket = socket;
        if (socket && !socket.destroyed) {
          // Later, as undici expects: else it never sends the first request.
          return queueMicrotask(() => callback(null, socket));
        }
        connection.opening = true;
        connection.socket = openSocket(options, callback);
      },
    });
    const connection: Tracked = {
      origin,
      http,
      opening: false,
      reset() {
        const error = connection.socket?.errored as NodeJS.ErrnoException;
        return error?.code === "ECONNRESET" ? error : undefined;
      },
    };
    all.add(connection);
    return connection;
  }

  function connect(origin: string): Promise<Socket | undefined> {
    const { protocol, host, port, hostname: name } = new URL(origin);
    const hostname = name.replace(/^\[|\]$/g, "");
    return new Promise((resolve) => {
      const opening = openSocket(
        { protocol, hostname, host, port },
        (_, socket) => {
          clearTimeout(timer);
          if (!socket) unused.delete(opening);
          resolve(socket ?? undefined);
        },
      );
      // Until it is used nobody else listens.
      opening.on("error", () => {});
      unused.add(opening);
      const late = () => opening.destroy(new Error("it took too long"));
      const timer = setTimeout(late, timeout * 1000);
    });
  }

  function idleOf(origin: string): Tracked[] {
    let connections = idle.get(origin);
    if (!connections) idle.set(origin, connections = []);
    return connections;
  }

  function end({ http, socket }: Tracked): Promise<void> {
    socket?.destroy();
    return http.destroy();
  }

  return {
    take: (origin) => idleOf(origin).pop() ?? add(origin),
    release: (connection) => void idleOf(connection.origin).push(connection),
    discard(connection) {
      all.delete(connection);
      end(connection);
    },
    async open(origin, count) {
      const opened = await Promise.all(
        Array.from({ length: count }, () => connect(origin)),
      );
      const sockets = opened.filter((socket) => socket !== undefined);
      idleOf(origin).push(...sockets.map((socket) => add(origin, socket)));
      return sockets.length;
    },
    counts: () => ({ ...counts }),
    async close() {
      for (const socket of unused) socket.destroy(new Error("closed"));
      await Promise.all(Array.from(all, end));
    },
  };
}
