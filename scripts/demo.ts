/**
 * Which way of calling is how fast? Every chapter, small, in one go.
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
import { broker } from "../lib/queue/mod.ts";
import { main, onInterrupt, orInterrupted } from "../lib/exit.ts";
import { choice, count, duration, readOptions } from "../lib/options.ts";
import { formatSeconds } from "../lib/format.ts";
import { interleave, openAnyBroker } from "./chapters/mod.ts";
import { measuring } from "../lib/measure.ts";
import { amendRun } from "../lib/results.ts";
import { startScript, startServer } from "../lib/script.ts";
import type { Summary } from "../lib/summary.ts";
import { rungs, ways } from "./chapters/names/mod.ts";

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

const { seed, out, trials, calls, warmup, length, only, amqp } = readOptions({
  only: choice(chapters),
  trials: count(5, "how often each style and each load is measured"),
  calls: count(30, "calls in a trial"),
  warmup: count(10, "calls before each trial, which are not written down", 0),
  length: duration("2s", "how long limits are kept to, and clients wait", {
    aboveZero: true,
  }),
  seed: measuring.seed,
  out: measuring.out,
  amqp: broker.amqp,
});
const queue = `call-styles-${process.pid}`;

await main(async () => {
  const { signal, again, dispose } = onInterrupt({ twice: true });
  const rabbit = await openAnyBroker({ amqp, queue });
  if (!rabbit) await leaveOutQueue();
  const target = await startServer("target.ts", "--seed", String(seed));
  const short = (share: number) => `${share * length}s`;
  const measureChapter: Record<Chapter, () => unknown> = {
    "three-styles": () =>
      measure(["sync", "async", "semaphore", ...rabbit ? ["queue"] : []]),
    "rate-limit": () =>
      show("limits.ts", "--length", short(1), "--at-once", "5"),
    "load-models": () => measure(["attack", "users"]),
    "frameworks": () =>
      show("frameworks.ts", "--users", "10", "--duration", "500ms"),
    "event-loop": () =>
      rabbit && show(
        "ladder.ts",
        ...[...rabbit.options, "--at-once", `${Math.ceil(100 * length)}`],
        ...["--duration", short(0.15), "--timeout", short(1)],
        ...["--sustain", short(0.25)],
        ...[...rungs, ...ways].flatMap((route) => ["--only", route]),
      ),
    "queue": () =>
      rabbit && show("consumers.ts", ...rabbit.options, "--calls", "40"),
    "runtimes": () =>
      show(
        "runtimes.ts",
        ...["--jobs", "start,users,fetch,attack,bare", "--duration", "300ms"],
      ),
  };
  try {
    for (const chapter of only) {
      await measureChapter[chapter]();
      // There is something to read while the rest is measured.
      if (chapter === only[0] && only.length > 1) await report(chapter);
    }
    await report();
  } catch (error) {
    throw orInterrupted(error, signal, `what was measured is in ${out}`);
  } finally {
    await target.stop();
    await rabbit?.close();
    dispose();
  }

  async function report(...chapters: string[]) {
    const folders = ["--results", out, "--out", out];
    console.log((await run("report.ts", ...chapters, ...folders)).trim());
  }

  /** Has a script measure a chapter, once each thing. */
  async function show(script: string, ...options: string[]) {
    const common = ["--trials", "1", "--out", out, "--seed", String(seed)];
    console.log((await run(script, ...common, ...options)).trim());
  }

  /** Measures things in interleaved trials, and writes down their order. */
  async function measure(things: string[]) {
    for (const { thing, series } of interleave(things, trials, seed)) {
      const { trial } = series;
      const options = ["--out", out, "--json", ...optionsOf(thing, trial)]
        .concat(trial > 1 ? "--append" : []);
      const runs = thing === "queue"
        ? await throughQueue(options)
        : [await run(`${thing}.ts`, ...options)];
      const summaries = runs.map((run): Summary => JSON.parse(run));
      for (const summary of summaries) amendRun(out, summary, { series });
      const { name, calls, seconds, efficiency, response } = summaries[0]!;
      const figure = efficiency === undefined
        ? `p99 ${formatSeconds(response?.p99)}`
        : `efficiency ${efficiency.toFixed(3)}`;
      console.log(
        `trial ${trial} of ${trials}: ${name.padEnd(14)} ${calls} calls in ` +
          `${formatSeconds(seconds).padStart(7)}, ${figure}`,
      );
    }
  }

  function optionsOf(thing: string, trial: number): string[] {
    // Each key has a clock, and so a freeze, of its own. One call of each user
    // meets it: these must be fewer than a hundredth.
    const key = `key=${thing}-${trial}`;
    const page = `/stall?at=1s&for=200ms&every=1h&delay=10ms&${key}`;
    const load = ["--url", target.url + page, "--duration", "2.5s"];
    if (thing === "attack") return [...load, "--rate", "200"];
    if (thing === "users") return [...load, "--users", "2", "--think", "1ms"];
    const style = ["--url", `${target.url}/?id={id}`]
      .concat("--calls", String(calls), "--warmup", String(warmup));
    return thing === "semaphore" ? [...style, "--concurrency", "10"] : style;
  }

  /** What the consumer says, and the producer. */
  async function throughQueue(options: string[]): Promise<string[]> {
    const both = [...options, ...rabbit!.options, "--queue", queue];
    const patient = [...both, "--idle", "30s"];
    const consumer = startScript("consumer.ts", patient, signal, again);
    await consumer.said("waiting for messages");
    const published = await run("producer.ts", ...both);
    return [await consumer.ended, published];
  }

  function run(script: string, ...options: string[]): Promise<string> {
    return startScript(script, options, signal, again).ended;
  }
});

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
