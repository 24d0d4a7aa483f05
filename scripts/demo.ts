/**
 * Which way of calling is how fast? Every chapter, small, in one go.
 *
 *     deno run -A scripts/demo.ts
 *
 * Measures sync, async, semaphore and async + RabbitMQ calls of one embedded
 * target, in trials whose order is shuffled, so that none of them always comes
 * first; then the strategies against rate limits; then an attack and users of a
 * server that freezes; and renders the notebooks. The last line is the path of
 * their index.
 *
 * Without a RabbitMQ it starts one of its own where rabbitmq-server or Docker
 * Compose is at hand, and stops it; else it does all the rest.
 */
import { rm } from "node:fs/promises";
import { broker } from "../lib/broker.ts";
import { Failure, main } from "../lib/failure.ts";
import { formatSeconds } from "../lib/format.ts";
import { onInterrupt } from "../lib/interrupt.ts";
import { measuring } from "../lib/measure.ts";
import { count, duration, readOptions } from "../lib/options.ts";
import { openAnyBroker } from "../lib/private_broker.ts";
import { resultFiles } from "../lib/results.ts";
import { startScript, startServer } from "../lib/script.ts";
import { seededShuffle } from "../lib/shuffle.ts";

const { seed, out, trials, calls, warmup, length, amqp } = readOptions({
  trials: count(5, "how often each style is measured"),
  calls: count(30, "calls in a trial"),
  warmup: count(10, "calls before each trial, which are not written down", 0),
  length: duration(
    "2s",
    "how long the limits are kept to, at their full rate",
    {
      aboveZero: true,
    },
  ),
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
  try {
    const styles = ["sync", "async", "semaphore", ...rabbit ? ["queue"] : []];
    const shuffle = seededShuffle(seed);
    for (let trial = 1; trial <= trials; trial++) {
      for (const style of shuffle(styles)) {
        const summary = JSON.parse(await measure(style, trial));
        const share = summary.efficiency?.toFixed(3) ?? "unknown";
        console.log(
          `trial ${trial} of ${trials}: ${summary.name.padEnd(14)} ` +
            `${
              formatSeconds(summary.seconds).padStart(7)
            }, efficiency ${share}`,
        );
      }
    }
    const limits = ["--trials", "1", "--length", `${length}s`, "--out", out]
      .concat("--at-once", "5", "--seed", String(seed));
    console.log((await run("limits.ts", ...limits)).trim());
    await load("attack", "--rate", "200");
    await load("users", "--users", "2", "--think", "5ms");
    const pages = await run("report.ts", "--results", out, "--out", out);
    console.log(pages.trim());
  } catch (error) {
    throw signal.aborted
      ? new Failure(`interrupted; what was measured is in ${out}`, 130)
      : error;
  } finally {
    await target.stop();
    await rabbit?.close();
    dispose();
  }

  function measure(style: string, trial: number): Promise<string> {
    const options = ["--url", `${target.url}/?id={id}`, "--out", out, "--json"]
      .concat(["--calls", String(calls), "--warmup", String(warmup)])
      .concat(trial > 1 ? "--append" : []);
    if (style === "queue") return measureQueue(options);
    if (style === "semaphore") options.push("--concurrency", "10");
    return run(`${style}.ts`, ...options);
  }

  async function measureQueue(options: string[]): Promise<string> {
    const both = [...options, ...rabbit!.options, "--queue", queue];
    const patient = [...both, "--idle", "30s"];
    const consumer = startScript("consumer.ts", patient, signal, again);
    await consumer.said("waiting for messages");
    await run("producer.ts", ...both);
    return await consumer.ended;
  }

  /** A load on a server that freezes for a tenth of the time. */
  async function load(model: string, ...options: string[]) {
    const page = `/stall?at=2s&for=500ms&every=1h&delay=5ms&key=${model}`;
    options.push("--duration", "5s", "--url", target.url + page, "--json");
    const stdout = await run(`${model}.ts`, ...options, "--out", out);
    const { name, calls, response } = JSON.parse(stdout);
    console.log(
      `${name.padEnd(8)} ${calls} calls, p99 ${formatSeconds(response?.p99)}`,
    );
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
  for (const name of ["async_rabbitmq", "producer"]) {
    const { csv, json } = resultFiles(out, name);
    await Promise.all([rm(csv, { force: true }), rm(json, { force: true })]);
  }
}
