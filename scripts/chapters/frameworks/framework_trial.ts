/** One trial: a fresh server, warmed up, one load, and what that took. */
import { createClient } from "../../../lib/client.ts";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import type { Series } from "../interleave.ts";
import { amendRun } from "../../../lib/results.ts";
import type { Highest } from "../../load/mod.ts";
import { startServerUse } from "./server_use.ts";
import type { Summary } from "../../../lib/summary.ts";
import { callForPicture, TIMEOUT } from "./picture.ts";
import { optionsOf, requestTo, type Route } from "./routes.ts";
import type { Framework } from "./servers.ts";
import { warmUp } from "./warm_up.ts";

/** What is measured, and when. */
export interface Turn {
  /** What the rows are called. */
  name: string;
  server: Framework;
  route: Route;
  series: Series;
}

/** How it is measured. */
export interface Way {
  out: string;
  /** As the options of users.ts have it. */
  load: { users: number; spawnRate: number; duration: number };
  /** What has to hold at the highest rate, if that is searched for. */
  find: string[];
  /** Runs a script and resolves to its stdout. */
  run(script: string, options: string[]): Promise<string>;
  signal: AbortSignal;
}

/** No try of a rate has to last longer, in seconds. */
const TRY = 5;

/** Measures one trial, writes it down, and resolves to a line about it. */
export async function measureTrial(turn: Turn, way: Way): Promise<string> {
  const { name, server, route, series } = turn;
  const { url, stop } = await server.start();
  try {
    const cold = await warmUp(await requestTo(route, url), way.signal);
    const call = [...optionsOf(route, url), "--out", way.out, "--json"]
      .concat(series.trial > 1 ? "--append" : []);
    const endUse = await startServerUse(url);
    const summary = await putLoad(name, call, way);
    const use = await endUse(summary.seconds);
    const highest = await findHighest(summary, call, way);
    const doubts = summary.doubts!.concat(cold ?? []);
    amendRun(way.out, summary, { series, server: use, highest, doubts });

    const { throughput, response } = summary;
    return `${name.padEnd(18)} ${formatNumber(throughput)} OK/s, p50 ` +
      formatSeconds(response?.p50) + textOf(highest) +
      doubts.map((doubt) => `\n    ${doubt}`).join("");
  } finally {
    await stop();
  }
}

async function putLoad(
  name: string,
  call: string[],
  { load: { users, spawnRate, duration }, run }: Way,
): Promise<Summary> {
  const options = ["--name", name, "--users", String(users)]
    .concat("--spawn-rate", String(spawnRate), "--duration", `${duration}s`);
  return JSON.parse(await run("users.ts", [...call, ...options]));
}

/** Half of what users got through is a rate to start from. */
async function findHighest(
  { name, ok, throughput }: Summary,
  call: string[],
  { find, load: { duration }, run }: Way,
): Promise<Highest | undefined> {
  if (find.length === 0 || ok === 0 || !throughput) return undefined;
  const options = ["--name", `${name}/find`]
    .concat(find.flatMap((rule) => ["--find", rule]))
    .concat("--rate", String(Math.ceil(throughput / 2)))
    .concat("--duration", `${Math.min(duration, TRY)}s`);
  const ended = await run("attack.ts", [...call, ...options]);
  const { tried: _, ...highest } = JSON.parse(ended);
  return highest;
}

function textOf(highest: Highest | undefined): string {
  if (!highest) return "";
  const { find, held } = highest;
  return `; ${find} ${held ? `up to ${formatNumber(held)}/s` : "at no rate"}`;
}

/** Makes one call of each route, each of which throws if it is not there. */
export async function checkRoutes(server: Framework, routes: Iterable<Route>) {
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
