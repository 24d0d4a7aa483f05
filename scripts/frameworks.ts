/**
 * Does the framework matter for an image task?
 *
 *     deno run -A scripts/frameworks.ts
 *     deno run -A scripts/frameworks.ts --users 2000 --spawn-rate 50 --duration 30s
 *     deno run -A scripts/frameworks.ts --load connections=400 --find 'p99<200ms'
 *     deno run -A scripts/frameworks.ts --server flask='flask run --port {port}'
 *
 * Starts each server afresh for each trial of each of its routes, calls it until
 * its latency is steady, lets users load it, and asks it what that took. The
 * trials take turns, in an order shuffled by the seed. Each server and route
 * writes results/metrics_SERVER-ROUTE.csv. With its defaults it takes five minutes.
 *
 * Any server can join that has the three routes of scripts/servers/bare.ts; if it
 * has their GET /stats too, its processor time and memory are shown.
 */
import { parseExpectation } from "../lib/expect.ts";
import {
  count,
  duration,
  flag,
  many,
  readOptions,
  text,
  wrong,
} from "../lib/options.ts";
import { routeNames } from "./chapters/names/mod.ts";
import {
  checkRoutes,
  measureTrial,
  ownServers,
  pairsOf,
  parseServer,
  routesFor,
} from "./chapters/frameworks/mod.ts";
import { chapter, runTrials, serve, unfinished } from "./chapters/mod.ts";
import { measuring } from "../lib/measure.ts";
import { checkOpenFiles } from "./load/mod.ts";

const options = readOptions({
  users: count(undefined, "how many there are in the end (default: 50)"),
  spawnRate: count(
    undefined,
    "how many more there are each second (default: 0, all at once)",
    0,
  ),
  load: text("KIND", "users", "users, or all at once: connections=400", {
    pattern: /^(users|connections=[1-9]\d*)$/,
    says: "takes users, or a number as in connections=400",
  }),
  duration: duration("3s", "how long a trial lasts", { aboveZero: true }),
  trials: count(6, "how often each route of each server is measured"),
  find: many(
    "RULE",
    "search too for the highest rate at which it holds, as in 'p99<200ms'; " +
      "may be repeated",
    (rule) => parseExpectation(rule) && rule,
  ),
  server: many(
    "NAME=COMMAND",
    "another server, or NAME=URL; {port} becomes the port that it has to " +
      "listen on, which the variable PORT has too; may be repeated",
    parseServer,
  ),
  only: many(
    "NAME",
    "a server or a route; the others of its kind are left out; may be repeated",
    String,
  ),
  resume: flag("go on with the series that was interrupted"),
  out: measuring.out,
  seed: measuring.seed,
});
const { find, out, users, spawnRate } = options;
const [, connections] = options.load.split("=");
if (connections && (users ?? spawnRate) !== undefined) {
  const { load } = options;
  wrong(`--load ${load} says it all: leave out --users and --spawn-rate`);
}
const load = {
  users: Number(connections ?? users ?? 50),
  spawnRate: spawnRate ?? 0,
  duration: options.duration,
};
checkOpenFiles(load.users, `a load of ${load.users} users`);

const servers = [...ownServers, ...options.server];
const names = servers.map(({ name }) => name);
const wanted = pairsOf(names, routeNames, options.only);

await chapter("with --resume it goes on from there", async (signal) => {
  const target = await serve`target.ts`;
  const routes = routesFor(out, `${target.url}/image.jpg`);
  const pairs = wanted.map(([server, route]) => ({
    name: `${server}/${route}`,
    server: servers.find(({ name }) => name === server)!,
    route: routes.find(({ name }) => name === route)!,
  }));
  const turns = options.resume ? unfinished(pairs, options, load) : undefined;
  for (const server of options.server) {
    const own = pairs.filter((pair) => pair.server === server);
    await checkRoutes(server, own.map(({ route }) => route));
  }
  await runTrials(
    pairs,
    options,
    (pair, rows) => measureTrial(pair, { load, find, rows, signal }),
    turns,
  );
});
