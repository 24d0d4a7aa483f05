/**
 * How many calls a second fit through a rate limit?
 *
 *     deno run -A scripts/throttle.ts --calls 500 --rate 100
 *     deno run -A scripts/throttle.ts --calls 500 --rate 20/1s,100/120s
 *
 * Paces the calls evenly, which keeps any kind of limit, and several at once. A 429
 * pauses all calls for as long as its Retry-After says, then the call is retried in
 * another row with the same id. No pause is longer than --timeout; a server that
 * refuses for longer ends the run. --adaptive finds an undocumented limit, from the
 * RateLimit headers or else from refusals.
 *
 * Writes results/metrics_throttle.csv, or metrics_adaptive.csv, and prints a
 * summary.
 */
import type { Answer } from "../lib/client.ts";
import { say } from "../lib/exit.ts";
import { count, duration, flag, readOptions } from "../lib/options.ts";
import {
  dueAfter,
  grown,
  intervalOf,
  policies,
  rates,
  refused,
  retryAfter,
  startSearch,
  waitFor,
} from "./throttle/mod.ts";
import { measure, measuring } from "../lib/measure.ts";

const options = readOptions({
  ...measuring,
  rate: rates("100/1s", "calls per second, or the limits to keep to"),
  jitter: duration("10ms", "network jitter to allow for"),
  retries: count(3, "retries of a refused call", 0),
  adaptive: flag("find the limit; ignores --rate"),
});
const { jitter, retries, adaptive, timeout } = options;

let refusedSince = Infinity;
/** When a call that was sent after `timeout` of refusals is refused too. */
const hopeless = Promise.withResolvers<void>();
let told = false;
let search = startSearch();
let interval = adaptive ? 1 / search.rate : intervalOf(options.rate, jitter);
const style = adaptive
  ? { name: "adaptive", hasOptimum: false, options }
  : { name: "throttle", interval, options };

const warned = new Set<number>();
const now = () => performance.now() / 1000;

await measure(style, async ({ ids, sleep, ...calls }) => {
  async function call(id: number): Promise<Answer> {
    const sent = now();
    const answer = await calls.call(id);
    learn(answer, sent);
    return answer;
  }

  async function callAll() {
    // #region schedule
    // The calls pass a gate one by one, an interval after each other. After a 429
    // nobody passes until Retry-After, and then again one by one.
    let due = now();
    let gate = Promise.resolve();

    async function pass() {
      while (waitFor(due, now(), interval) > 0) {
        await sleep(waitFor(due, now(), interval));
      }
      due = dueAfter(due, now(), { interval, jitter });
    }

    async function callInTurn(id: number) {
      for (let attempt = 0; attempt <= retries; attempt++) {
        await (gate = gate.then(pass));
        const answer = await call(id);
        if (answer.status !== 429) return;
        due = Math.max(due, now() + pauseAfter(answer));
      }
    }

    // The first call opens a connection, which makes it late: the pace begins
    // when it is over.
    await callInTurn(ids[0]!);
    due = Math.max(due, now());
    await Promise.all(ids.slice(1).map(callInTurn));
    // #endregion
  }

  await Promise.race([callAll(), hopeless.promise.then(sayHopeless)]);
  if (adaptive) console.error(found());
});

function learn({ status, headers }: Answer, sent: number) {
  if (status === 429) {
    if (sent - refusedSince > timeout) hopeless.resolve();
    refusedSince = Math.min(refusedSince, now());
  } else refusedSince = Infinity;
  if (!adaptive) return;

  const limits = policies(headers);
  told ||= limits.length > 0;
  if (status === 200) search = grown(search, now(), interval);
  // Refusals of calls that were under way say nothing new.
  if (status === 429 && sent > search.refusedAt) {
    search = refused(search, now());
  }
  if (!told) interval = 1 / search.rate;
  else if (limits.length > 0) interval = intervalOf(limits, jitter);
}

function sayHopeless() {
  console.error(`nothing but 429 for ${timeout} s: stopped`);
}

function found(): string {
  const rate = (1 / interval).toFixed(1);
  if (told) return `found ${rate} per second, by what the server tells`;
  if (search.refusals > 0) return `found ${rate} per second, by refusals`;
  return `found no limit up to ${rate} per second`;
}

/** Seconds to pause: never longer than one call may take. */
function pauseAfter({ headers }: Answer): number {
  const asked = retryAfter(headers, Date.now());
  const pause = Math.min(asked ?? 1, timeout);
  const header = headers["retry-after"];
  if (pause !== asked && !warned.has(pause)) {
    say(`Retry-After is ${header ?? "missing"}: pausing ${pause} s`);
    warned.add(pause);
  }
  // Others may have been told the same.
  return pause + Math.random() * interval;
}
