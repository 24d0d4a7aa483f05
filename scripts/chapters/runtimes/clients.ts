/** Which client makes a runtime's calls, as the server that is called sees it. */
import path from "node:path";
import type { Runtime } from "../names/mod.ts";
import { startBy } from "../run.ts";
import { writeOut } from "../write_out.ts";
import type { Observer, Seen } from "./observer.ts";

/** How calls are made: by the scripts, by `import "undici"`, and by fetch. */
export const ways = ["scripts", "undici", "fetch"] as const;

/** What was seen of a call. */
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
  calls: Record<(typeof ways)[number], Look>;
}

/** Has each runtime call in each way. */
export async function lookAtClients(
  runtimes: Runtime[],
  observer: Observer,
): Promise<Clients[]> {
  const all: Clients[] = [];
  for (const by of runtimes) {
    const probe = startBy(by)`chapters/runtimes/probe.ts ${observer.url}`;
    const said = await probe.ended;
    const looks = ways.map((way) => [way, lookOf(observer.take(`/${way}`)!)]);
    all.push({ ...JSON.parse(said), calls: Object.fromEntries(looks) });
  }
  return all;
}

function lookOf({ headers }: Seen): Look {
  const names = headers.filter((_, index) => index % 2 === 0);
  const at = names.findIndex((name) => name.toLowerCase() === "user-agent");
  return { headers: names, agent: headers[2 * at + 1] };
}

const file = "runtimes.json";

/** Where they are written down. */
export function clientsFile(folder: string): string {
  return path.join(folder, file);
}

export function writeClients(folder: string, clients: Clients[]) {
  writeOut(folder, file, clients);
}
