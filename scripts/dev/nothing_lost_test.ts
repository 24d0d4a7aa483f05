/** Every published message is called, even if things break. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openBroker } from "../../lib/queue/broker.ts";
import { restart, startPrivateBroker } from "../chapters/private_broker.ts";
import { readRuns } from "../../lib/results.ts";
import { parseRows } from "../../notebooks/kit/rows/parse_rows.ts";
import { startServer, startServerWith } from "../../lib/script.ts";
import { playRound } from "./soak/round.ts";
import { names } from "./soak/stage.ts";
import {
  eventually,
  get,
  isListening,
  outerAddress,
  readRows,
  runScript,
  spawnScript,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";
import { readQueue } from "../../notebooks/kit/trials/queue_trials.ts";
import { examplePayload } from "../servers/webhook/payload.ts";

const rabbit = await startPrivateBroker();
const missing = rabbit
  ? undefined
  : "neither rabbitmq-server nor Docker is at hand";
const target = await startServer("target.ts");
after(async () => {
  await target.stop();
  await rabbit?.stop();
});

const EVENTS = 400;
const payload = examplePayload();
const queue = `test-lost-${process.pid}`;
const out = temporaryFolder();
const common = ["--queue", queue, "--amqp", rabbit?.amqp ?? ""];

const startWebhook = () =>
  startServerWith(
    ["net", "read", "env", "sys"].map((name) => `--allow-${name}`),
    "webhook.ts",
    ...[...common, "--hand-over", "0s"],
    ...["--service", `${target.url}/delay/20?id={id}`],
  );

const startConsumer = () =>
  spawnScript("consumer.ts", [
    ...[...common, "--out", out, "--append", "--idle", "3s"],
    ...["--concurrency", "20"],
  ]);

/** Sends an event once; returns the status, or 0 without a response. */
function send(url: string, id: number): Promise<number> {
  const headers = { "content-type": "application/json" };
  const event = { method: "POST", headers, body: payload };
  return get(`${url}/queued?id=${id}`, event)
    .then(({ status = 0 }) => status, () => 0);
}

testUnless(
  missing,
  "events answered with 200 are called, even if every process is killed",
  async () => {
    let webhook = await startWebhook();
    let consumer = startConsumer();
    const statuses: number[] = [];

    async function sendUntilAccepted(id: number) {
      for (let status = 0; status !== 200;) {
        status = await send(webhook.url, id);
        statuses.push(status);
        if (status !== 200) await sleep(50);
      }
    }

    async function killAll() {
      await sleep(300);
      consumer.child.kill("SIGKILL");
      await consumer.ended;
      consumer = startConsumer();
      await sleep(300);
      const old = webhook;
      webhook = await startWebhook();
      await old.kill();
      await sleep(300);
      await restart(rabbit!);
    }

    let isOver = false;
    const killing = killAll().finally(() => isOver = true);
    const sending: Promise<void>[] = [];
    for (let id = 0; id < EVENTS || !isOver; id++) {
      sending.push(sendUntilAccepted(id));
      await sleep(5);
    }
    await Promise.all([killing, ...sending]);
    await webhook.kill();
    const last = await consumer.ended;
    assert.equal(last.code, 0, last.stderr);

    const csv = path.join(out, "metrics_async_rabbitmq.csv");
    // A kill may tear the last line.
    const { rows } = parseRows(readFileSync(csv, "utf8"));
    const called = new Set(rows.map(({ id }) => Number(id)));
    const lost = sending.map((_, id) => id)
      .filter((id) => !called.has(id));
    assert.deepEqual(lost, []);
    assert.ok(
      statuses.some((status) => status !== 200),
      "nothing was disturbed",
    );

    const { channel, close } = await openBroker({ amqp: rabbit!.amqp, queue });
    for (const name of [queue, `${queue}.dead`]) {
      assert.equal((await channel.checkQueue(name)).messageCount, 0);
    }
    await close();
  },
);

testUnless(
  missing ?? (outerAddress() ? undefined : "this machine has no other address"),
  "a RabbitMQ that we start listens on loopback only",
  async () => {
    const { hostname, port } = new URL(rabbit!.amqp);
    assert.ok(await isListening(hostname, Number(port)));
    assert.ok(!await isListening(outerAddress()!, Number(port)));
  },
);

testUnless(
  missing,
  "killing consumers and restarting RabbitMQ loses nothing",
  async () => {
    const { signal } = new AbortController();
    // This seed restarts RabbitMQ early.
    const round = await playRound({
      ...{ rabbit: rabbit!, out: temporaryFolder(), messages: 1500, seed: 5 },
      ...{ signal, restarts: 1 },
    });
    const { called, reported, lost, missing, left, restarts, kills } = round;
    assert.deepEqual([called, reported, lost], [1500, 1500, []]);
    assert.deepEqual([missing, left, restarts], [0, 0, 1]);
    assert.ok(kills > 1);
  },
);

function hasRows(csv: string): boolean {
  return existsSync(csv) && readFileSync(csv, "utf8").split("\n").length > 5;
}

let queues = 0;

/** A new queue: its options, and where its rows are. */
function newQueue() {
  const out = temporaryFolder();
  const queue = `test-${process.pid}-${++queues}`;
  const amqp = rabbit!.amqp;
  const options = ["--amqp", amqp, "--queue", queue, "--out", out, "--json"];
  const csv = path.join(out, "metrics_async_rabbitmq.csv");
  return { out, queue, amqp, options, csv };
}

testUnless(
  missing,
  "a call that outlasts RabbitMQ's acknowledgement timeout is made once",
  async () => {
    const { queue, amqp, options, csv } = newQueue();
    const timeouts = (timeout: number, tick: number) =>
      rabbit!.control(
        "eval",
        `application:set_env(rabbit, consumer_timeout, ${timeout}),
         application:set_env(rabbit, channel_tick_interval, ${tick}).`,
      );
    await timeouts(300, 300);
    try {
      const url = `${target.url}/delay/1500?id={id}`;
      const published = ["--calls", "5", "--url", url];
      await runScript("producer.ts", ...options, ...published);
      const quick = [...options, "--idle", "500ms"];
      const consumer = await runScript("consumer.ts", ...quick);
      assert.equal(consumer.code, 0, consumer.stderr);
      assert.match(consumer.stderr, /^RabbitMQ was unavailable for /m);
      const { messages, outages } = JSON.parse(consumer.stdout);
      assert.equal(messages.called, 5);
      assert.ok(messages.redelivered >= 5);
      assert.ok(outages.times > 0);
      assert.equal(readRows(csv).length, 5);
      const { channel, close } = await openBroker({ amqp, queue });
      assert.equal((await channel.checkQueue(queue)).messageCount, 0);
      await close();
    } finally {
      await timeouts(1_800_000, 60_000);
    }
  },
);

testUnless(
  missing,
  "deleting the queue ends the consumer, which keeps its rows, but not the producer",
  async () => {
    const { out, queue, amqp, options, csv } = newQueue();
    const url = `${target.url}/delay/100?id={id}`;
    const publish = ["--calls", "250", "--rate", "100", "--url", url];
    const producer = spawnScript("producer.ts", [...options, ...publish]);
    const consumer = spawnScript("consumer.ts", [
      ...options,
      ...["--concurrency", "2"],
    ]);
    await eventually("rows", () => hasRows(csv));
    const broker = await openBroker({ amqp, queue });
    const { messageCount } = await broker.channel.checkQueue(queue);
    assert.ok(messageCount > 0);
    await broker.channel.deleteQueue(queue);
    await broker.close();
    const ended = await consumer.ended;
    assert.equal(ended.code, 1);
    assert.match(
      ended.stderr,
      /^queue test-\S+ was deleted, along with its messages$/m,
    );
    const { calls, failed } = JSON.parse(ended.stdout);
    assert.deepEqual([readRows(csv).length, failed], [calls, 0]);

    // It declares the queue again and republishes what had no queue.
    const { code, stdout } = await producer.ended;
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).messages.confirmed, 250);
    const next = await runScript(
      "consumer.ts",
      ...[...options, "--append", "--idle", "500ms"],
    );
    assert.equal(next.code, 0, next.stderr);
    const called = readRows(csv).length;
    assert.ok(called < 250 && called > calls);
    // The report says how many calls are missing.
    const { trials, problems } = readQueue(out, names.consumers);
    assert.deepEqual(trials, []);
    assert.match(String(problems), RegExp(`has ${called} of its 250 calls`));
    const [run] = readRuns(csv.replace(/csv$/, "json"));
    assert.equal(run!.messages!.written, calls);
  },
);

testUnless(
  missing,
  "a producer ends on Ctrl-C, or when RabbitMQ accepts nothing for too long",
  async () => {
    const slow = ["--calls", "100000", "--url", target.url, "--rate"];
    const waiting = newQueue();
    const { child, ended } = spawnScript("producer.ts", [
      ...[...waiting.options, ...slow, "1/1h"],
    ]);
    const csv = path.join(waiting.out, "metrics_producer.csv");
    await eventually(
      "a row",
      () => existsSync(csv) && readFileSync(csv, "utf8").split("\n").length > 2,
    );
    process.kill(child.pid!, "SIGINT");
    assert.equal((await ended).code, 130);
    assert.equal(readRows(csv).length, 1);

    const { options } = newQueue();
    await rabbit!.control("set_vm_memory_high_watermark", "absolute", "1");
    try {
      const patience = ["--timeout", "1s"];
      const stalled = await runScript(
        "producer.ts",
        ...[...options, ...patience, ...slow, "20"],
      );
      assert.equal(stalled.code, 1);
      assert.match(stalled.stderr, /^RabbitMQ has confirmed nothing for 1 s/m);
      const { published, confirmed } = JSON.parse(stalled.stdout).messages;
      assert.ok(published > confirmed);
    } finally {
      await rabbit!.control("set_vm_memory_high_watermark", "0.4");
    }
  },
);
