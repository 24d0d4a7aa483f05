/** One trial: a fresh server, warmed up, one load, and what that took. */
import { createClient } from "../../../lib/client.ts";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import type { Trial } from "../trials.ts";
import { run, words } from "../run.ts";
import type { Highest } from "../../load/mod.ts";
import { startServerUse } from "./server_use.ts";
import type { Summary } from "../../../lib/summary.ts";
import { callForPicture, TIMEOUT } from "./picture.ts";
import { optionsOf, requestTo, type Route } from "./routes.ts";
import type { Framework } from "./servers.ts";
import { warmUp } from "./warm_up.ts";

export interface Pair {
  server: Framework;
  route: Route;
}

/** How it is measured. */
export interface Way {
  out: string;
  /** As the options of users.ts have it. */
  load: { users: number; spawnRate: number; duration: number };
  /** What has to hold at the highest rate, if that is searched for. */
  find: string[];
  append: string[];
  signal: AbortSignal;
}

/** No try of a rate has to last longer, in seconds. */
const TRY = 5;

/** Measures a route of a server that is started for it. */
export async function measureTrial(
  { server, route }: Pair,
  way: Way,
): Promise<Trial> {
  const name = `${server.name}/${route.name}`;
  const { url, stop } = await server.start();
  try {
    const cold = await warmUp(await requestTo(route, url), way.signal);
    const call = words`${optionsOf(route, url)} --out ${way.out} --json
      ${way.append}`;
    const endUse = await startServerUse(url);
    const { users, spawnRate, duration } = way.load;
    const summary: Summary = JSON.parse(
      await run`users.ts --name ${name} --users ${users}
        --spawn-rate ${spawnRate} --duration ${duration}s ${call}`,
    );
    const use = await endUse(summary.seconds);
    const highest = await findHighest(summary, call, way);
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

/** Half of what users got through is a rate to start from. */
async function findHighest(
  { name, ok, throughput }: Summary,
  call: string[],
  { find, load: { duration } }: Way,
): Promise<Highest | undefined> {
  if (find.length === 0 || ok === 0 || !throughput) return undefined;
  const ended = await run`attack.ts --name ${name}/find
    --rate ${Math.ceil(throughput / 2)} --duration ${Math.min(duration, TRY)}s
    ${find.flatMap((rule) => ["--find", rule])} ${call}`;
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
