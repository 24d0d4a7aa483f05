/** What the webhook accepted with a 200 is called, whatever is killed meanwhile. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import process from "node:process";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openBroker } from "../lib/broker.ts";
import { startPrivateBroker } from "../lib/private_broker.ts";
import { parseRows } from "../lib/rows.ts";
import { startServer, startServerWith } from "../lib/script.ts";
import {
  isListening,
  outerAddress,
  spawnScript,
  temporaryFolder,
  testUnless,
} from "../lib/testing.ts";
import { examplePayload } from "../lib/webhook/payload.ts";

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

/** The status of one try to send an event; 0 if there was no answer. */
async function send(url: string, id: number): Promise<number> {
  const request = http.request(`${url}/queued?id=${id}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": payload.length,
    },
    agent: false,
  });
  request.end(payload);
  try {
    const [response] = await once(request, "response");
    response.resume();
    return response.statusCode;
  } catch {
    return 0;
  }
}

testUnless(
  missing,
  "what was answered with 200 is called, whatever is killed",
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
      await rabbit!.restart();
    }

    const killing = killAll();
    const sending = [];
    for (let id = 0; id < EVENTS; id++) {
      sending.push(sendUntilAccepted(id));
      await sleep(5);
    }
    await Promise.all([killing, ...sending]);
    await webhook.kill();
    const last = await consumer.ended;
    assert.equal(last.code, 0, last.stderr);

    const csv = path.join(out, "metrics_async_rabbitmq.csv");
    // Who is killed may leave a torn line.
    const { rows } = parseRows(readFileSync(csv, "utf8"));
    const called = new Set(rows.map(({ id }) => Number(id)));
    const lost = Array.from({ length: EVENTS }, (_, id) => id)
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
  "a RabbitMQ of our own listens on loopback only",
  async () => {
    const { hostname, port } = new URL(rabbit!.amqp);
    assert.ok(await isListening(hostname, Number(port)));
    assert.ok(!await isListening(outerAddress()!, Number(port)));
  },
);
