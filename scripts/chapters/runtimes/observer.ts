/** A server that remembers when it was called, and how the calls looked. */
import { createServer } from "node:http";
import { listening } from "../../servers/http/mod.ts";

/** One call, as it came. */
export interface Seen {
  /** A moment of performance.now(). */
  at: number;
  /** Names and values by turns, as they were written. */
  headers: string[];
}

export interface Observer {
  url: string;
  /** The first call of a page, which is then forgotten. */
  take(page: string): Seen | undefined;
  close(): void;
}

export async function startObserver(): Promise<Observer> {
  const seen = new Map<string, Seen>();
  const server = createServer((request, response) => {
    const at = performance.now();
    const page = request.url!;
    if (!seen.has(page)) seen.set(page, { at, headers: request.rawHeaders });
    response.end("ok\n");
  });
  const url = await listening(server, { port: 0, host: "127.0.0.1" });
  return {
    url,
    take(page) {
      const first = seen.get(page);
      seen.delete(page);
      return first;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
