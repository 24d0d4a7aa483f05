/** Which client makes a runtime's calls, as the called server sees it. */
import { createServer } from "node:http";
import { listening } from "../../servers/http/mod.ts";
import { clientWays, type Runtime } from "../names/mod.ts";
import { startBy } from "../run.ts";

/** How a call looked to the server. */
export interface Look {
  /** The names of the headers, in their order and case. */
  headers: string[];
  /** The User-Agent, if it has any. */
  agent?: string;
}

/** The clients of a runtime. */
export interface Clients {
  /** As in `bun 1.4.5`. */
  runtime: string;
  /** The version of the package. */
  undici: string;
  /** Whether `import "undici"` gives something else than the package. */
  isStandIn: boolean;
  calls: Record<(typeof clientWays)[number], Look>;
}

/** Has each runtime make a call in each way. */
export async function lookAtClients(
  runtimes: Runtime[],
  observer: Observer,
): Promise<Clients[]> {
  const all: Clients[] = [];
  for (const by of runtimes) {
    const probe = startBy(by)`chapters/runtimes/probe.ts ${observer.url}`;
    const said = await probe.ended;
    const looks = clientWays.map((
      way,
    ) => [way, lookOf(observer.take(`/${way}`)!)]);
    all.push({ ...JSON.parse(said), calls: Object.fromEntries(looks) });
  }
  return all;
}

function lookOf({ headers }: Seen): Look {
  const names = headers.filter((_, index) => index % 2 === 0);
  const at = names.findIndex((name) => name.toLowerCase() === "user-agent");
  return { headers: names, agent: headers[2 * at + 1] };
}

/** A call that came in. */
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
