/** Which client made the calls of each runtime, as a server saw them. */
import { existsSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { capitalize, type Html, html, readList, table } from "../kit/mod.ts";
import { CLIENTS_FILE, clientWays } from "../../scripts/chapters/names/mod.ts";
import type { Clients, Look } from "../../scripts/chapters/runtimes/mod.ts";

const text = z.string().min(1);
const look = z.object({
  headers: z.array(z.string()),
  agent: z.string().optional(),
});
const schema: z.ZodType<Clients> = z.object({
  runtime: text,
  undici: text,
  isStandIn: z.boolean(),
  calls: z.object({ scripts: look, undici: look, fetch: look }),
});

/** What can be used of a folder's runtimes.json; never throws. */
export function readClients(
  folder: string,
): { clients: Clients[]; problems: string[] } {
  const file = path.join(folder, CLIENTS_FILE);
  if (!existsSync(file)) return { clients: [], problems: [] };
  const { entries, problems } = readList(file, schema, {
    list: "clients",
    entry: "what scripts/runtimes.ts saw of a runtime",
    by: "deno run -A scripts/runtimes.ts",
  });
  return { clients: entries, problems };
}

/** Whether one client makes the calls of the scripts on all runtimes, in words. */
export function verdicts(clients: Clients[]): string[] {
  const looks = new Set(clients.map(({ calls }) => textOf(calls.scripts)));
  const fetches = clients.map(({ calls }) => textOf(calls.fetch));
  const undici = new Set(clients.map(({ undici }) => undici));
  const isOne = looks.size === 1 && undici.size === 1 &&
    !fetches.some((look) => looks.has(look));
  const standIns = clients.filter(({ isStandIn }) => isStandIn);
  return [
    isOne
      ? "The scripts' calls look the same on all of them, and other than those " +
        `of any fetch: undici ${[...undici][0]} makes them.`
      : "The scripts' calls do not look the same on all of them, or like those of " +
        "a fetch: it is not sure that one client makes them.",
    ...standIns.map(({ runtime, calls }) =>
      `On ${capitalize(runtime)} the bare name undici gives a stand-in` +
      (textOf(calls.undici) === textOf(calls.fetch)
        ? ", whose calls look like those of its own fetch."
        : ".")
    ),
  ];
}

/** How the calls of each client look. */
export function clientsTable(clients: Clients[]): Html {
  const heading = ["Calls of", "by", "User-Agent", "Headers, as they came"];
  const by = {
    scripts: "the scripts",
    undici: html`<code>import "undici"</code>`,
    fetch: html`<code>fetch</code>`,
  };
  const rows = clients.flatMap(({ runtime, calls }) =>
    clientWays.map((way) => {
      const { agent = "-", headers } = calls[way];
      return [capitalize(runtime), by[way], agent, headers.join(", ")];
    })
  );
  return table(heading, rows);
}

function textOf({ headers, agent }: Look): string {
  return JSON.stringify([headers, agent]);
}
