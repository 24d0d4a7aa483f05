/** Which client made the calls of each runtime, as a server saw them. */
import { existsSync, readFileSync } from "node:fs";
import { messageOf } from "../../lib/exit.ts";
import { capitalize, type Html, html, table } from "../kit/mod.ts";
import {
  type Clients,
  clientsFile,
  type Look,
  ways,
} from "../../scripts/chapters/runtimes/mod.ts";

/** What can be used of a folder's runtimes.json; never throws. */
export function readClients(
  folder: string,
): { clients: Clients[]; problems: string[] } {
  const file = clientsFile(folder);
  const nothing = (problem: string) => ({ clients: [], problems: [problem] });
  if (!existsSync(file)) return { clients: [], problems: [] };
  try {
    const all: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!Array.isArray(all)) return nothing(`${file}:1: it lists no clients`);
    const problems = all.flatMap((entry, index) =>
      isClients(entry) ? [] : `${file}: entry ${index + 1} is skipped: it is ` +
        "not what scripts/runtimes.ts saw of a runtime"
    );
    return { clients: all.filter(isClients), problems };
  } catch (error) {
    return nothing(`${file}:1: ${messageOf(error)}`);
  }
}

const isText = (value: unknown) => typeof value === "string";

function isClients(entry: unknown): entry is Clients {
  const { runtime, undici, isStandIn, calls } = (entry ?? {}) as Clients;
  return [runtime, undici].every((text) => isText(text) && text !== "") &&
    typeof isStandIn === "boolean" &&
    ways.every((way) => isLook(calls?.[way]));
}

function isLook(look: Look | undefined): boolean {
  const { headers, agent = "" } = look ?? {};
  return Array.isArray(headers) && headers.every(isText) && isText(agent);
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
    ways.map((way) => {
      const { agent = "-", headers } = calls[way];
      return [capitalize(runtime), by[way], agent, headers.join(", ")];
    })
  );
  return table(heading, rows);
}

function textOf({ headers, agent }: Look): string {
  return JSON.stringify([headers, agent]);
}
