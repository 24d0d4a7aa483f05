/** Which servers are measured, and by which of their routes. */
import { cross } from "d3-array";
import { closest } from "fastest-levenshtein";
import { wrong } from "../../../lib/options.ts";

/**
 * Each server with each route, but only those that are named, if any of their
 * kind is. A mistake ends the script with code 2.
 */
export function pairsOf(
  servers: string[],
  routes: string[],
  only: string[],
): [server: string, route: string][] {
  const names = [...servers, ...routes];
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) {
    wrong(`--server ${twice} has a name that is taken; choose another`);
  }
  for (const name of only) {
    if (names.includes(name)) continue;
    const nearest = closest(name, names);
    wrong(
      `--only ${name} is neither a server nor a route; did you mean ` +
        `${nearest}? There are: ${names.join(", ")}`,
    );
  }
  function wanted(all: string[]) {
    const named = all.filter((name) => only.includes(name));
    return named.length > 0 ? named : all;
  }
  return cross(wanted(servers), wanted(routes));
}
