/** The trials of servers on routes, as scripts/frameworks.ts measures them. */
import { cross, union } from "d3-array";
import { formatNumber } from "../../../lib/format.ts";
import {
  routeNames,
  serverNames,
} from "../../../scripts/chapters/names/mod.ts";
import {
  cutOff,
  isCutOff,
  measuredNames,
  readTrials,
  type Trial,
} from "../trials/mod.ts";
import { newestSeries } from "../newest.ts";
import { visible } from "../../../lib/text.ts";

/** A server on one of its routes. */
export interface Combination {
  server: string;
  route: string;
  /** As in `express/base64`. */
  label: string;
  color: string;
  /** At least one. */
  trials: Trial[];
}

const fileName = new RegExp(`^(.+)-(${routeNames.join("|")})$`, "s");

/** Reused if there are more servers: their labels tell them apart. */
const colors = ["semaphore", "async", "sync", "queue"];

/**
 * Reads the trials of the newest series in a folder, by server and then by
 * route. Never throws. Runs of another series are no trials, as a note says.
 */
export function readCombinations(folder: string): {
  combinations: Combination[];
  notes: string[];
  problems: string[];
} {
  const found = measuredNames(folder).flatMap((name) => {
    const [, server, route] = fileName.exec(name) ?? [];
    if (!server || !route) return [];
    const file = `${server}/${route}`;
    // The first row has the run's start.
    const measured = readTrials(folder, file, { keep: 1 });
    // A file's name may have line breaks, and a label has none.
    const label = visible(file);
    return [{ server: visible(server), route, label, ...measured }];
  });
  const { kept, notes } = newestSeries(found);
  const servers = serversOf(kept);
  return {
    combinations: cross(servers, routeNames).flatMap(([server, route]) => {
      const color = colors[servers.indexOf(server) % colors.length];
      return kept
        .filter((one) => one.server === server && one.route === route)
        .map((one) => ({ ...one, color: `var(--${color})` }));
    }),
    notes,
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** The project's own servers first, and then the others by their names. */
function serversOf(measured: { server: string }[]): string[] {
  const there = measured.map(({ server }) => server);
  return [...union(serverNames, there.sort())]
    .filter((server) => there.includes(server));
}

/** The generator's share of the processor time that it and the server took. */
export function generatorShare({ run }: Trial): number | undefined {
  const { cpu, server } = run ?? {};
  if (cpu === undefined || !server || cpu + server.cpu === 0) return undefined;
  return cpu / (cpu + server.cpu);
}

/** Why the generator, and not the server, may have set a trial's figures. */
export function doubtOf(trial: Trial): string | undefined {
  const { doubts = [] } = trial.run ?? {};
  if (doubts.length > 0) return doubts[0];
  if (trial.run && isCutOff(trial.run)) return `it ${cutOff(trial.run)}`;
  const share = generatorShare(trial) ?? 0;
  if (share <= 0.5) return undefined;
  return `the generator took ${formatNumber(share * 100)} % of the processor ` +
    "time, more than the server";
}
