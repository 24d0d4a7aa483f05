/** One trial: a fresh server is warmed up and loaded. */
import { createClient } from "../../../lib/client.ts";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import type { Summary } from "../../../lib/summary.ts";
import type { Highest } from "../../load/mod.ts";
import { measure, words } from "../run.ts";
import type { Trial } from "../trials.ts";
import { optionsOf, requestTo, type Route } from "./routes.ts";
import { measureUsers } from "./server_use.ts";
import type { Framework } from "./servers.ts";
import { callForPicture, TIMEOUT, warmUp } from "./warm_up.ts";

/** A server, and a route that it is called by. */
export interface Pair {
  /** What the rows are called. */
  name: string;
  server: Framework;
  route: Route;
}

/** How it is measured. */
export interface Way {
  /** As the options of users.ts have it. */
  load: { users: number; spawnRate: number; duration: number };
  /** Rules that the highest rate has to keep; none if it isn't searched for. */
  find: string[];
  /** The options that say where the rows go. */
  rows: string[];
  signal: AbortSignal;
}

/** The longest try of a rate, in seconds. */
const TRY = 5;

/** Measures a route of a server that is started for it. */
export async function measureTrial(
  { name, server, route }: Pair,
  { load: { users, spawnRate, duration }, find, rows, signal }: Way,
): Promise<Trial> {
  const { url, stop } = await server.start();
  try {
    const cold = await warmUp(await requestTo(route, url), signal);
    const call = words`${optionsOf(route, url)} ${rows}`;
    const load = words`--name ${name} --users ${users}
      --spawn-rate ${spawnRate} --duration ${duration}s`;
    const { summary, use } = await measureUsers(url, [...load, ...call]);
    const highest = find.length === 0
      ? undefined
      : await findHighest(summary, Math.min(duration, TRY), find, call);
    const doubts = summary.doubts!.concat(cold ?? []);
    const { throughput, response } = summary;
    return {
      runs: [summary],
      more: { server: use, highest, doubts },
      line: `${name.padEnd(18)} ${formatNumber(throughput)} OK/s, p50 ` +
        formatSeconds(response?.p50) + textOf(highest) +
        doubts.map((doubt) => `\n    ${doubt}`).join(""),
    };
  } finally {
    await stop();
  }
}

/** Searches from half the throughput of the users on. */
async function findHighest(
  { name, throughput }: Summary,
  seconds: number,
  find: string[],
  call: string[],
): Promise<Highest | undefined> {
  if (!throughput) return undefined;
  const found = await measure`attack.ts --name ${name}/find
    --rate ${Math.ceil(throughput / 2)} --duration ${seconds}s
    ${find.flatMap((rule) => ["--find", rule])} ${call}`;
  const { tried: _, ...highest } = found as object as Highest & {
    tried: unknown;
  };
  return highest;
}

function textOf(highest: Highest | undefined): string {
  if (!highest) return "";
  const { find, held } = highest;
  return `; ${find} ${held ? `up to ${formatNumber(held)}/s` : "at no rate"}`;
}

/** Calls each route once; throws if one doesn't answer with a picture. */
export async function checkRoutes(server: Framework, routes: Route[]) {
  const { url, stop } = await server.start();
  const client = createClient(TIMEOUT);
  try {
    for (const route of routes) {
      await callForPicture(client, await requestTo(route, url));
    }
  } finally {
    await Promise.all([client.close(), stop()]);
  }
}
