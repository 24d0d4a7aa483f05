/**
 * What do the scripts themselves cost?
 *
 *     deno run -A scripts/dev/benchmark.ts
 *     deno run -A scripts/dev/benchmark.ts --only load --trials 3
 *
 * Measures each style's efficiency (the optimum's share of the measured time) and
 * the time from the command to the first request; how many messages a second the
 * producer and the consumer handle (needs RabbitMQ); and what attack.ts and
 * users.ts measure of a server that answers at once, beside hey and wrk where
 * these are installed. Prints medians, for the runtime that it is run with, beside
 * the figures that they are meant to reach. Takes about five minutes.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { median } from "d3-array";
import { $, chapter, run, serve, start, words } from "../chapters/mod.ts";
import { choice, count, readOptions } from "../../lib/options.ts";
import { openBroker } from "../../lib/queue/mod.ts";
import { resultFiles } from "../../lib/results.ts";
import { runtime } from "../../lib/runtime.ts";
import { parseRows } from "../../notebooks/kit/rows/mod.ts";

const { trials, messages, only } = readOptions({
  trials: count(5, "how often each is measured"),
  messages: count(50_000, "messages for the queue's rates"),
  only: choice(["styles", "queue", "load"]),
});

/** How many users call at once, and for how long. */
const USERS = 64;
const SECONDS = 5;

await chapter("nothing is kept", async () => {
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-benchmark-"));
  const target = await serve`target.ts`;
  const common = words`--out ${out} --json`;
  const calls = words`${common} --warmup 10 --calls 50
    --url ${target.url}/?id={id}`;
  const instant = `${target.url}/status/200`;
  console.log(`${runtime}, medians of ${trials}\n`);
  try {
    if (only.includes("styles")) await measureStyles();
    if (only.includes("queue")) await measureQueue();
    if (only.includes("load")) await measureLoad();
  } finally {
    await target.stop();
    await rm(out, { recursive: true });
  }

  async function measureStyles() {
    const efficiency = async (style: string[]) =>
      JSON.parse(await run`${style} ${calls}`).efficiency;
    await report({
      "sync, efficiency (0.98)": () => efficiency(words`sync.ts`),
      "async, efficiency (0.95)": () => efficiency(words`async.ts`),
      "semaphore-10, efficiency (0.97)": () =>
        efficiency(words`semaphore.ts --concurrency 10`),
      "seconds to the first request (0.5)": firstRequest,
    });
  }

  /** With the start of an embedded target in it. */
  async function firstRequest() {
    const begun = Date.now();
    await run`sync.ts --out ${out} --calls 1`;
    const csv = await readFile(resultFiles(out, "sync").csv, "utf8");
    return (parseRows(csv).rows[0]!.timestamp.getTime() - begun) / 1000;
  }

  async function measureQueue() {
    const queue = `call-styles-benchmark-${crypto.randomUUID()}`;
    const broker = await openBroker({ queue });
    const many = words`${common} --queue ${queue} --url ${instant}
      --calls ${messages}`;
    try {
      await report({
        async "queue, efficiency (0.85)"() {
          const consumer = start`consumer.ts ${calls} --queue ${queue}`;
          await consumer.said("waiting for messages");
          await run`producer.ts ${calls} --queue ${queue}`;
          return JSON.parse(await consumer.ended).efficiency;
        },
        "messages published per second (10000)": async () =>
          JSON.parse(await run`producer.ts ${many}`).throughput,
        // Without the time that they waited for the consumer to start.
        async "messages consumed per second (5000)"() {
          const { ok, seconds, wait } = JSON.parse(
            await run`consumer.ts ${many} --warmup 10`,
          );
          return ok / (seconds - wait.min);
        },
      });
    } finally {
      await broker.deleteQueues();
      await broker.close();
    }
  }

  async function measureLoad() {
    for (const rate of [500, 2000]) {
      const attack = async () =>
        JSON.parse(
          await run`attack.ts --rate ${rate} --duration ${SECONDS}s
            --url ${instant} --warmup ${rate} ${common}`,
        );
      await report({
        [`p50 at ${rate}/s, ms`]: async () =>
          1000 * (await attack()).elapsed.p50,
        [`p99 at ${rate}/s, ms`]: async () =>
          1000 * (await attack()).elapsed.p99,
        [`p99 of its lateness, ms (1)`]: async () =>
          1000 * (await attack()).lateness.p99,
      });
    }
    const perSecond = (said: string) =>
      Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]);
    await report({
      [`calls per second of ${USERS} users`]: async () =>
        JSON.parse(
          await run`users.ts --users ${USERS} --duration ${SECONDS}s
            --url ${instant} ${common}`,
        ).throughput,
      "those of hey": async () =>
        perSecond(
          (await $`hey -z ${SECONDS}s -c ${USERS} ${instant}`.nothrow()).stdout,
        ),
      "those of wrk": async () =>
        perSecond(
          (await $`wrk -t 1 -d ${SECONDS}s -c ${USERS} ${instant}`.nothrow())
            .stdout,
        ),
    });
  }
});

/** Measures figures in turns, by what they are called, and prints their medians. */
async function report(figures: Record<string, () => Promise<number>>) {
  const values: Record<string, number[]> = {};
  for (let trial = 0; trial < trials; trial++) {
    for (const [name, measure] of Object.entries(figures)) {
      (values[name] ??= []).push(await measure());
    }
  }
  for (const [name, all] of Object.entries(values)) {
    const figure = Number(median(all)!.toPrecision(3));
    console.log(
      name.padEnd(40),
      Number.isNaN(figure) ? "not installed" : figure,
    );
  }
}
