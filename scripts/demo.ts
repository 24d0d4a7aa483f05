/**
 * Run every chapter with small samples.
 *
 *     deno run -A scripts/demo.ts
 *     deno run -A scripts/demo.ts --only three-styles,rate-limit
 *
 * Measures sync, async, semaphore and async + RabbitMQ calls of one embedded
 * target; then the strategies against rate limits; then an attack and users of a
 * server that freezes; then four image servers; then a webhook in many ways; then
 * more consumers of one queue; then calls on Deno, Bun and Node; and renders the
 * notebooks. The trials of a chapter are interleaved. The first notebook is there
 * as soon as it can be, and the last line is the path of the notebooks' index.
 *
 * Without a RabbitMQ it starts one of its own where rabbitmq-server or Docker
 * Compose is at hand, and stops it; else it does all the rest.
 */
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { chapter, findBroker, type Line, measure } from "./chapters/mod.ts";
import { run, runTrials } from "./chapters/mod.ts";
import { serve, start, words } from "./chapters/mod.ts";
import { rungs, ways } from "./chapters/names/mod.ts";
import { formatSeconds } from "../lib/format.ts";
import { measuring } from "../lib/measure.ts";
import { choice, count, duration, readOptions } from "../lib/options.ts";
import { broker } from "../lib/queue/mod.ts";
import type { Summary } from "../lib/summary.ts";

const chapters = [
  "three-styles",
  "rate-limit",
  "load-models",
  "frameworks",
  "event-loop",
  "queue",
  "runtimes",
] as const;
type Chapter = (typeof chapters)[number];

const options = readOptions({
  only: choice(chapters),
  trials: count(5, "how often each style and each load is measured"),
  calls: count(30, "calls in a trial"),
  warmup: count(10, "unrecorded warm-up calls before each trial", 0),
  length: duration("2s", "how long limits are kept to, and clients wait", {
    aboveZero: true,
  }),
  seed: measuring.seed,
  out: measuring.out,
  amqp: broker.amqp,
});
const { seed, out, calls, warmup, length, only, amqp } = options;
const queue = `call-styles-${process.pid}`;

await chapter(`what was measured is in ${out}`, async () => {
  const rabbit = await findBroker({ amqp, queue });
  if (!rabbit) await leaveOutQueue();
  const target = await serve`target.ts --seed ${seed}`;
  const measureChapter: Record<Chapter, () => unknown> = {
    "three-styles": () =>
      measureAll(["sync", "async", "semaphore", ...rabbit ? ["queue"] : []]),
    "rate-limit": () => show`limits.ts --length ${length}s --at-once 5`,
    "load-models": () => measureAll(["attack", "users"]),
    "frameworks": () => show`frameworks.ts --users 10 --duration 500ms`,
    "event-loop": () =>
      rabbit && show`ladder.ts ${rabbit} --at-once ${Math.ceil(100 * length)}
        --duration ${0.15 * length}s --timeout ${length}s
        --sustain ${0.25 * length}s
        ${[...rungs, ...ways].flatMap((route) => ["--only", route])}`,
    "queue": () => rabbit && show`consumers.ts ${rabbit} --calls 40`,
    "runtimes": () =>
      show`runtimes.ts --jobs start,users,fetch,attack,bare --duration 300ms`,
  };
  for (const name of only) {
    await measureChapter[name]();
    // There is something to read while the rest is measured.
    if (name === only[0] && only.length > 1) await report(name);
  }
  await report();

  async function measureAll(things: string[]) {
    await runTrials(things, options, async (thing, rows, trial) => {
      const common = words`${rows} ${optionsOf(thing, trial)}`;
      const runs = thing === "queue"
        ? await throughQueue(common)
        : [await measure`${thing}.ts ${common}`];
      const { name, calls, seconds, efficiency, response } = runs[0]!;
      const figure = efficiency === undefined
        ? `p99 ${formatSeconds(response?.p99)}`
        : `efficiency ${efficiency.toFixed(3)}`;
      const line = `${name.padEnd(14)} ${calls} calls in ` +
        `${formatSeconds(seconds).padStart(7)}, ${figure}`;
      return { runs, line };
    });
  }

  function optionsOf(thing: string, trial: number): string[] {
    // Each key has a clock, and so a freeze, of its own. One call of each user
    // meets it: these must be fewer than a hundredth.
    const page = "/stall?at=1s&for=200ms&every=1h&delay=10ms";
    const load = words`--url ${target.url}${page}&key=${thing}-${trial}
      --duration 2.5s`;
    if (thing === "attack") return words`${load} --rate 200`;
    if (thing === "users") return words`${load} --users 2 --think 1ms`;
    const style = words`--url ${target.url}/?id={id} --calls ${calls}
      --warmup ${warmup}`;
    return thing === "semaphore" ? words`${style} --concurrency 10` : style;
  }

  /** The summaries of the consumer and of the producer. */
  async function throughQueue(common: string[]): Promise<Summary[]> {
    const both = words`${common} ${rabbit!} --queue ${queue}`;
    const consumer = start`consumer.ts ${both} --idle 30s --json`;
    await consumer.said("waiting for messages");
    const published = await measure`producer.ts ${both}`;
    return [JSON.parse(await consumer.ended), published];
  }
});

/** Has a script measure a chapter, once each thing. */
async function show(...line: Line) {
  const common = words`--trials 1 --out ${out} --seed ${seed}`;
  console.log((await run`${words(...line)} ${common}`).trim());
}

async function report(...chapters: string[]) {
  const folders = words`--results ${out} --out ${out}`;
  console.log((await run`report.ts ${chapters} ${folders}`).trim());
}

/** Old rows of the queue would stand beside new ones of all else. */
async function leaveOutQueue() {
  console.error(
    "there is none: the queue is left out, with its old results, and all else " +
      "is measured",
  );
  const files = await readdir(out).catch(() => []);
  const ofQueue =
    /^(metrics|lag|profile)_(async_rabbitmq|producer|consumers-|webhook-)/;
  for (const file of files.filter((file) => ofQueue.test(file))) {
    await rm(path.join(out, file), { force: true });
  }
}
