/**
 * How long do users wait when each sends one request at a time?
 *
 *     deno run -A scripts/users.ts --users 2000 --spawn-rate 50 --duration 30s
 *     deno run -A scripts/users.ts --users 400 --spawn-rate 0 --url URL
 *
 * A closed loop: a slow server gets fewer requests, so the times understate a
 * freeze, unlike those of scripts/attack.ts. Each user has one connection.
 *
 * Ctrl-C stops sending and waits for open calls; press it again to quit now.
 *
 * Writes results/metrics_users.csv, a row for each call, and prints a summary.
 */
import { loading, measure } from "../lib/measure.ts";
import {
  checkOpenFiles,
  readRequests,
  requestOptions,
  watchGenerator,
} from "./load/mod.ts";
import { count, duration, readOptions } from "../lib/options.ts";

const options = readOptions({
  users: count(10, "how many users in the end"),
  spawnRate: count(
    0,
    "new users per second; 0 starts all at once",
    0,
  ),
  duration: duration("10s", "how long they call", { aboveZero: true }),
  think: duration("0s", "how long a user waits after an answer"),
  ...requestOptions,
  ...loading,
});
const { users, spawnRate, think } = options;
checkOpenFiles(users, `--users ${users}`);
const arriving = Math.ceil(spawnRate * options.duration) || users;
if (arriving < users) {
  console.error(`only ${arriving} of the ${users} users come in that time`);
}

const style = {
  name: "users",
  unique: true,
  watch: watchGenerator,
  hasOptimum: false,
  planned: options.duration,
  requests: await readRequests(options),
  options,
};

await measure(style, async ({ call, sleep, now }) => {
  // #region schedule
  // A user calls, waits for the answer, thinks, and calls again. After the end
  // no call is answered, so no user goes on.
  let calls = 0;
  async function live() {
    while (true) {
      await call(++calls, now());
      if (think > 0) await sleep(think);
    }
  }

  for (let user = 0; user < users; user++) {
    sleep(spawnRate && user / spawnRate).then(live);
  }
  await sleep(options.duration);
  // #endregion
});
