/**
 * What do the scripts themselves cost?
 *
 *     deno run -A scripts/dev/benchmark.ts
 *
 * Measures each style's efficiency (the optimum's share of the measured time),
 * the time from the command to the first request, and how many messages a
 * second the producer and the consumer handle. Prints medians beside the figures
 * that they are meant to reach. Takes about a minute and a half, and RabbitMQ.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { median } from "d3-array";
import { openBroker } from "../../lib/queue/mod.ts";
import { main, onInterrupt } from "../../lib/exit.ts";
import { count, readOptions } from "../../lib/options.ts";
import { parseRows } from "../../notebooks/kit/rows/mod.ts";
import { resultFiles } from "../../lib/results.ts";
import { runtime } from "../../lib/runtime.ts";
import { startScript, startServer } from "../../lib/script.ts";

const { trials, messages } = readOptions({
  trials: count(5, "how often each is measured"),
  messages: count(50_000, "messages for the queue's rates"),
});

const queueName = `call-styles-benchmark-${process.pid}`;

await main(async () => {
  const { signal, dispose } = onInterrupt();
  const broker = await openBroker({ queue: queueName });
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-benchmark-"));
  const target = await startServer("target.ts");
  const common = ["--out", out, "--json", "--warmup", "10"];
  const calls = [...common, "--calls", "50", "--url", `${target.url}/?id={id}`];
  const queue = ["--queue", queueName];
  const instant = [...common, ...queue, "--url", `${target.url}/status/200`];
  const many = [...instant, "--calls", String(messages)];

  const efficiency = async (script: string, ...own: string[]) =>
    JSON.parse(await run(script, ...calls, ...own)).efficiency;

  try {
    console.log(`${runtime}, medians of ${trials}\n`);
    await report("sync, efficiency", 0.98, () => efficiency("sync.ts"));
    await report("async, efficiency", 0.95, () => efficiency("async.ts"));
    await report(
      "semaphore-10, efficiency",
      0.97,
      () => efficiency("semaphore.ts", "--concurrency", "10"),
    );
    await report("queue, efficiency", 0.85, throughQueue);
    await report("seconds to the first request", 0.5, firstRequest);
    await report("messages published per second", 10_000, published);
    await report("messages consumed per second", 5000, consumed);
  } finally {
    await target.stop();
    await broker.deleteQueues();
    await broker.close();
    await rm(out, { recursive: true });
    dispose();
  }

  function run(script: string, ...options: string[]): Promise<string> {
    return startScript(script, options, signal).ended;
  }

  async function throughQueue() {
    const consumer = startScript("consumer.ts", [...calls, ...queue], signal);
    await consumer.said("waiting for messages");
    await run("producer.ts", ...calls, ...queue);
    return JSON.parse(await consumer.ended).efficiency;
  }

  /** With the start of an embedded target in it. */
  async function firstRequest() {
    const begun = Date.now();
    await run("sync.ts", "--out", out, "--calls", "1");
    const csv = await readFile(resultFiles(out, "sync").csv, "utf8");
    return (parseRows(csv).rows[0]!.timestamp.getTime() - begun) / 1000;
  }

  async function published() {
    return JSON.parse(await run("producer.ts", ...many)).throughput;
  }

  /** Without the time that the messages waited for the consumer to start. */
  async function consumed() {
    const { ok, seconds, wait } = JSON.parse(await run("consumer.ts", ...many));
    return ok / (seconds - wait.min);
  }

  async function report(
    label: string,
    goal: number,
    measure: () => Promise<number>,
  ) {
    const values: number[] = [];
    while (values.length < trials) values.push(await measure());
    const figure = median(values)!.toPrecision(3);
    console.log(`${label.padEnd(32)}${Number(figure)}  (goal: ${goal})`);
  }
});
