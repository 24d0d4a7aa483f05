import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import fs from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Broker, openBroker } from "../lib/queue/broker.ts";
import { writeMessage } from "../lib/queue/message.ts";
import { startServer } from "../lib/script.ts";
import { startNetwork } from "./dev/soak/network.ts";
import { testBroker } from "./dev/testing/broker.ts";
import {
  eventually,
  readRows,
  runScript,
  spawnScript,
  stats,
  temporaryFolder,
  testUnless,
} from "./dev/testing/processes.ts";
import { formatSummary, type Summary } from "../lib/summary.ts";
import { smallDisk } from "./dev/testing/disk.ts";
import {
  type QueueTrial,
  readQueue,
} from "../notebooks/kit/trials/queue_trials.ts";

const target = await startServer("target.ts");
const disk = await smallDisk(64);
const rabbit = await testBroker();
const { amqp, missing } = rabbit;

after(async () => {
  await target.stop();
  await rabbit.stop();
});

interface Bench extends Broker {
  queue: string;
  out: string;
  /** The options that producer and consumer share. */
  options: string[];
  /** Those without RabbitMQ's address. */
  own: string[];
  waiting(queue?: string): Promise<number>;
}

let queues = 0;

/** A test with a queue and a folder of its own. */
function testQueue(name: string, work: (bench: Bench) => Promise<void>) {
  testUnless(missing, name, async () => {
    const queue = `test-${process.pid}-${++queues}`;
    const out = temporaryFolder();
    const broker = await openBroker({ amqp, queue });
    const { channel } = broker;
    const own = ["--queue", queue, "--out", out, "--json"];
    const options = ["--amqp", amqp, ...own];
    const waiting = async (name = queue) =>
      (await channel.checkQueue(name)).messageCount;
    try {
      await work({ ...broker, queue, out, own, options, waiting });
    } finally {
      await broker.deleteQueues();
      await broker.close();
    }
  });
}

const consumed = (out: string) =>
  readRows(path.join(out, "metrics_async_rabbitmq.csv"));

function publish(bench: Bench, calls: number, route = "/delay/20?id={id}") {
  const url = target.url + route;
  const count = String(calls);
  return runScript(
    "producer.ts",
    ...bench.options,
    "--calls",
    count,
    "--url",
    url,
  );
}

/** Runs a consumer to its end; returns its summary, and what it prints besides. */
async function consume(bench: Bench, ...options: string[]) {
  const { code, stdout, stderr } = await runScript(
    "consumer.ts",
    ...[...bench.options, ...options],
  );
  assert.equal(code, 0, stderr);
  return { summary: JSON.parse(stdout) as Summary, stderr };
}

testQueue(
  "every message is confirmed, called once, written and acknowledged",
  async (bench) => {
    const before = await stats(target.url);
    const producer = await publish(bench, 40);
    assert.equal(producer.code, 0, producer.stderr);
    assert.equal(JSON.parse(producer.stdout).ok, 40);
    assert.equal(await bench.waiting(), 40);

    const options = ["--concurrency", "7", "--calls", "40"];
    const { summary } = await consume(bench, ...options);
    assert.deepEqual(
      [summary.calls, summary.ok, summary.failed, summary.unsent],
      [40, 40, 0, 0],
    );
    assert.equal(await bench.waiting(), 0);
    for (const { inFlight } of [summary, JSON.parse(producer.stdout)]) {
      assert.ok(Math.abs(inFlight.law / inFlight.mean - 1) < 0.01);
    }

    const published = readRows(path.join(bench.out, "metrics_producer.csv"));
    const rows = consumed(bench.out);
    const ids = (all: { id: string }[]) => all.map(({ id }) => id).sort();
    assert.deepEqual(ids(rows), ids(published));
    assert.ok(rows.every(({ wait }) => wait !== undefined && wait > 0));
    assert.ok(published.every(({ status }) => status === undefined));
    const now = await stats(target.url);
    assert.equal(now.accepted! - before.accepted!, 40);
  },
);

testQueue(
  "the prefetch limits the calls in flight, and warm-up calls have no rows",
  async (bench) => {
    const own = await startServer("target.ts");
    try {
      const url = `${own.url}/delay/30?id={id}`;
      await runScript(
        "producer.ts",
        ...[...bench.options, "--calls", "12", "--url", url, "--warmup", "5"],
      );
      const options = ["--concurrency", "4", "--calls", "12"]
        .concat(["--warmup", "6", "--url", url]);
      await runScript("consumer.ts", ...bench.options, ...options);
      const { accepted, mostInFlight } = await stats(own.url);
      assert.equal(accepted, 12 + 6);
      assert.equal(mostInFlight, 4);
      assert.equal(consumed(bench.out).length, 12);
    } finally {
      await own.stop();
    }
  },
);

testQueue(
  "invalid messages go to the dead letters; a message with JSON is a POST",
  async (bench) => {
    const url = `${target.url}/echo`;
    const invalid = ["not JSON", "{}", "null", '{"url":"ftp://127.0.0.1/"}']
      .concat(
        '{"url":"=nonsense"}',
        JSON.stringify({ url, json: { sku: "a" } }),
      );
    const json = JSON.stringify({ sku: "a" });
    for (const body of [...invalid, JSON.stringify({ url, json })]) {
      bench.channel.sendToQueue(bench.queue, Buffer.from(body));
    }
    await bench.channel.waitForConfirms();
    const { summary, stderr } = await consume(bench, "--calls", "7");
    assert.deepEqual([summary.ok, summary.failed], [1, 6]);
    assert.deepEqual(summary.errors, { message: 6 });
    const mistakes = ["not JSON", "no url", "not http://", "not a string"];
    for (const mistake of mistakes) assert.ok(stderr.includes(mistake), stderr);
    assert.equal(await bench.waiting(`${bench.queue}.dead`), 6);
    assert.equal(await bench.waiting(), 0);
    const rows = consumed(bench.out);
    assert.equal(rows.length, 7);
    // A message without an id gets one that is unique across runs.
    assert.ok(rows.every(({ id, run }) => id.includes(run)));
    const [row] = rows.filter(({ error }) => error === "");
    const sizes = [row!.bytes_out, row!.bytes_in];
    assert.deepEqual(sizes, [json.length, json.length]);
  },
);

testQueue(
  "a consumer doubts messages from the future, and leaves them out of figures",
  async (bench) => {
    for (const id of ["1", "2", "3"]) {
      const url = `${target.url}/delay/1`;
      const asked = { url, id, published: Date.now() + 60_000 };
      const { body, properties } = writeMessage(asked);
      bench.channel.sendToQueue(bench.queue, body, properties);
    }
    await bench.channel.waitForConfirms();
    const { summary } = await consume(bench, "--calls", "3");
    assert.equal(summary.ok, 3);
    assert.match(summary.doubts!.join(), /^clock skew of at least/);
    const { seconds, throughput, wait, response, efficiency } = summary;
    for (const figure of [seconds, throughput, wait, response, efficiency]) {
      assert.equal(figure, undefined);
    }
    assert.ok(summary.elapsed!.max < 60);
    assert.match(formatSummary(summary, ""), /^NOT TO BE TRUSTED: \S/m);
    // The rows keep the original wait.
    assert.ok(consumed(bench.out).every(({ wait }) => wait! < -1));
  },
);

testQueue(
  "a consumer calls only allowed hosts, even when it is redirected",
  async (bench) => {
    const other = await startServer("target.ts");
    const server = createHttpServer((_, response) => {
      response.writeHead(302, { location: `${other.url}/delay/0` }).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const leading = `http://127.0.0.1:${port}/`;
      for (const url of [target.url, other.url, leading]) {
        bench.channel.sendToQueue(
          bench.queue,
          Buffer.from(JSON.stringify({ url })),
        );
      }
      await bench.channel.waitForConfirms();
      const hosts = [new URL(target.url).host, `127.0.0.1:${port}`];
      const { summary, stderr } = await consume(
        bench,
        ...["--calls", "3"],
        ...hosts.flatMap((host) => ["--allow-host", host]),
      );
      const { ok, failed, errors } = summary;
      assert.deepEqual([ok, failed, errors], [1, 2, { message: 2 }]);
      assert.match(stderr, /--allow-host doesn't allow the host/);
      // The redirection itself was called, its destination was not.
      assert.equal(await bench.waiting(`${bench.queue}.dead`), 1);
      const [row] = consumed(bench.out)
        .filter(({ url, error }) => url === leading && error);
      assert.match(row!.error, /^message: redirected to a host/);
      const { accepted } = await stats(other.url);
      assert.equal(accepted, 0);
    } finally {
      server.close();
      await other.stop();
    }
  },
);

testQueue("with a rate, the consumer stays within a limit", async (bench) => {
  const key = `kept-${process.pid}`;
  const limited = `/limited?limit=20&per=500ms&window=sliding-log&key=${key}`;
  await publish(bench, 40, `${limited}&id={id}`);
  const options = ["--rate", "20/500ms", "--jitter", "100ms", "--calls", "40"]
    .concat("--url", `${target.url}/delay/20`, "--warmup", "10");
  const { calls, attempts, ok } = (await consume(bench, ...options)).summary;
  assert.deepEqual([calls, attempts, ok], [40, 40, 40]);
  const { accepted, rejected } = await stats(target.url, key);
  assert.deepEqual([accepted, rejected], [40, 0]);
});

testQueue(
  "with too high a rate, refused calls are repeated",
  async (bench) => {
    const key = `refused-${process.pid}`;
    await publish(
      bench,
      12,
      `/limited?limit=5&window=fixed&key=${key}&id={id}`,
    );
    const options = ["--rate", "1000", "--calls", "12"];
    const { summary } = await consume(bench, ...options);
    const { calls, attempts, ok, failed } = summary;
    assert.deepEqual([calls, ok, failed], [12, 12, 0]);
    const { accepted, rejected } = await stats(target.url, key);
    assert.equal(accepted, 12);
    assert.ok(rejected! > 0);
    assert.equal(attempts, accepted! + rejected!);
    assert.equal(await bench.waiting(), 0);
  },
);

testQueue(
  "--calls takes that many messages and leaves the others",
  async (bench) => {
    await publish(bench, 30);
    await consume(bench, "--calls", "10");
    assert.equal(consumed(bench.out).length, 10);
    await eventually("20 messages", async () => await bench.waiting() === 20);
  },
);

testQueue(
  "--idle ends a consumer that gets no message; no password is written down",
  async (bench) => {
    await consume(bench, "--idle", "10ms");
    assert.deepEqual(consumed(bench.out), []);
    const json = path.join(bench.out, "metrics_async_rabbitmq.json");
    assert.ok(!fs.readFileSync(json, "utf8").includes("guest:"));
  },
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  testQueue(
    `on ${signal}, open calls end and other messages stay in the queue`,
    async (bench) => {
      await publish(bench, 200);
      const { child, ended } = spawnScript("consumer.ts", [
        ...bench.options,
        ...["--concurrency", "3"],
      ]);
      const file = path.join(bench.out, "metrics_async_rabbitmq.csv");
      await eventually("rows", () => fs.existsSync(file) && hasRows(file, 4));
      // Not child.kill: Deno would report that signal, whatever the exit code.
      process.kill(child.pid!, signal);
      const { code, stdout } = await ended;
      assert.equal(code, 130);
      const { calls, ok, errors } = JSON.parse(stdout);
      assert.equal(calls, ok);
      assert.deepEqual(errors, {});
      const left = 200 - consumed(bench.out).length;
      assert.ok(left > 0);
      await eventually("the rest", async () => await bench.waiting() === left);
    },
  );
}

testQueue(
  "Ctrl-C in the warm-up takes no message and writes no file",
  async (bench) => {
    await publish(bench, 3);
    const own = await startServer("target.ts");
    const { child, ended } = spawnScript("consumer.ts", [
      ...bench.options,
      ...["--warmup", "2", "--url", `${own.url}/fault/hang`],
      ...["--out", path.join(bench.out, "consumer")],
    ]);
    await eventually(
      "the warm-up",
      async () => (await stats(own.url)).inFlight === 2,
    );
    process.kill(child.pid!, "SIGINT");
    assert.equal((await ended).code, 130);
    assert.equal(fs.existsSync(path.join(bench.out, "consumer")), false);
    assert.equal(await bench.waiting(), 3);
    await own.stop();
  },
);

function hasRows(file: string, rows: number): boolean {
  return fs.readFileSync(file, "utf8").split("\n").length > rows + 1;
}

testQueue(
  "every message that a killed consumer acknowledged has a row on disk",
  async (bench) => {
    await publish(bench, 300, "/delay/5?id={id}");
    const { child, ended } = spawnScript("consumer.ts", bench.options);
    const file = path.join(bench.out, "metrics_async_rabbitmq.csv");
    await eventually("rows", () => fs.existsSync(file) && hasRows(file, 4));
    child.kill("SIGKILL");
    await ended;
    // What is in the queue now was not acknowledged; the rest must have a row.
    const left = await eventually("the queue to settle", async () => {
      const { consumerCount, messageCount } = await bench.channel.checkQueue(
        bench.queue,
      );
      return consumerCount === 0 ? messageCount || 1 : undefined;
    });
    await consume(bench, "--append", "--calls", String(left));
    const text = fs.readFileSync(file, "utf8");
    for (let id = 1; id <= 300; id++) {
      assert.ok(text.includes(`?id=${id},`), `message ${id} is lost`);
    }
  },
);

/** Publishes calls as another sender would, whose ids are 1 to 10 again and again. */
async function publishNumbered(bench: Bench, calls: number) {
  for (let call = 0; call < calls; call++) {
    // Of different lengths, so that some are always in work.
    const url = `${target.url}/delay/${300 + call % 7 * 50}?call=${call}`;
    const properties = { messageId: String(call % 10 + 1), persistent: true };
    const body = Buffer.from(JSON.stringify({ url }));
    bench.channel.sendToQueue(bench.queue, body, properties);
  }
  await bench.channel.waitForConfirms();
}

testQueue(
  "different messages with the same id are all called and counted",
  async (bench) => {
    await publishNumbered(bench, 40);
    const { summary: said } = await consume(bench, "--calls", "40");
    assert.deepEqual(said.messages!.redelivered, 0);
    const [{ summary }] = readQueue(bench.out, "async_rabbitmq").trials as [
      QueueTrial,
    ];
    for (const { calls, ok, unsent, duplicates, reused } of [said, summary]) {
      assert.deepEqual([calls, ok, unsent], [40, 40, 0]);
      assert.deepEqual([duplicates, reused], [0, 30]);
    }
    assert.equal(new Set(consumed(bench.out).map(({ url }) => url)).size, 40);
  },
);

testQueue(
  "calls of a killed consumer that another one repeats are duplicates",
  async (bench) => {
    await publishNumbered(bench, 30);
    const { accepted: before = 0 } = await stats(target.url);
    const name = ["--name", "async_rabbitmq/1"];
    const options = [...name, "--concurrency", "5"];
    const { child, network, ended } = await startBehind(bench, ...options);
    // What is in work is called to its end, and RabbitMQ never hears of it.
    await network.cut();
    const file = path.join(bench.out, "metrics_async_rabbitmq-1.csv");
    await eventually("rows of what was in work", async () => {
      const { accepted, inFlight } = await stats(target.url);
      return inFlight === 0 && hasRows(file, accepted! - before);
    });
    child.kill("SIGKILL");
    await ended;
    await consume(bench, "--name", "async_rabbitmq/2", "--idle", "1s");
    const { trials, problems } = readQueue(bench.out, "async_rabbitmq");
    assert.deepEqual(problems, []);
    assert.equal(trials.length, 1);
    const [{ summary, consumers }] = trials as [QueueTrial];
    const { calls, ok, duplicates, reused } = summary;
    assert.equal(consumers.length, 2);
    assert.deepEqual([calls, ok, reused], [30, 30, 20]);
    const rows = [1, 2].flatMap((number) =>
      readRows(path.join(bench.out, `metrics_async_rabbitmq-${number}.csv`))
    );
    assert.equal(duplicates, rows.length - 30);
    assert.ok(duplicates! > 0);
  },
);

/** A consumer behind a network of its own, when it has called some. */
async function startBehind(bench: Bench, ...options: string[]) {
  const url = new URL(amqp);
  const network = await startNetwork(Number(url.port || 5672));
  after(network.stop);
  url.port = String(network.port);
  const started = spawnScript("consumer.ts", [
    ...[...bench.own, "--amqp", url.href, "--concurrency", "5", ...options],
  ]);
  const isCalling = (file: string) =>
    file.endsWith(".csv") && hasRows(path.join(bench.out, file), 4);
  await eventually(
    "rows",
    () =>
      fs.readdirSync(bench.out).some((file) =>
        file.includes("rabbitmq") && isCalling(file)
      ),
  );
  return { network, ...started };
}

testQueue(
  "a consumer reconnects when RabbitMQ is back",
  async (bench) => {
    await publish(bench, 150);
    const { network, ended } = await startBehind(bench);
    for (let round = 0; round < 2; round++) {
      await network.cut();
      await network.mend();
      await sleep(300);
    }
    const { code, stderr, stdout } = await ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^RabbitMQ was unavailable for /m);
    const { calls, ok } = JSON.parse(stdout);
    assert.deepEqual([calls, ok], [150, 150]);
    const ids = new Set(consumed(bench.out).map(({ id }) => id));
    assert.equal(ids.size, 150);
    assert.equal(await bench.waiting(), 0);
  },
);

testQueue(
  "a consumer ends when RabbitMQ stays unavailable, and keeps its rows",
  async (bench) => {
    await publish(bench, 150);
    const { network, ended } = await startBehind(bench, "--timeout", "500ms");
    await network.cut();
    const { code, stderr, stdout } = await ended;
    assert.equal(code, 1);
    assert.match(stderr, /^RabbitMQ has been unavailable for 0\.5 s: /m);
    const { ok } = JSON.parse(stdout);
    assert.equal(consumed(bench.out).length, ok);
    await eventually(
      "the rest",
      async () => await bench.waiting() >= 150 - ok,
    );
  },
);

testQueue(
  "a consumer ends when RabbitMQ stays unavailable after --idle was over once",
  async (bench) => {
    await publish(bench, 20, "/delay/1000?id={id}");
    // The time for another message is over while calls are in work, and again
    // while RabbitMQ is away.
    const options = ["--idle", "200ms", "--timeout", "1500ms"];
    const { network, ended } = await startBehind(bench, ...options);
    await network.cut();
    const { code, stderr } = await ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^RabbitMQ has been unavailable for 1\.5 s: /m);
  },
);

testQueue(
  "--idle is counted from the end of the last call",
  async (bench) => {
    // Counted from the start, two seconds are over again just after this call.
    await publish(bench, 1, "/delay/3800");
    const options = [...bench.options, "--idle", "2s"];
    const { ended } = spawnScript("consumer.ts", options);
    const file = path.join(bench.out, "metrics_async_rabbitmq.csv");
    await eventually("a row", () => fs.existsSync(file) && hasRows(file, 1));
    await sleep(800);
    const body = JSON.stringify({ url: `${target.url}/delay/0` });
    bench.channel.sendToQueue(bench.queue, Buffer.from(body));
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).ok, 2);
  },
);

testQueue("a consumer ends if it can't write to --out", async (bench) => {
  const file = path.join(bench.out, "file");
  fs.writeFileSync(file, "");
  const options = ["--amqp", amqp, "--queue", bench.queue, "--out", file];
  const { code, stderr } = await runScript("consumer.ts", ...options);
  assert.equal(code, 1);
  assert.match(stderr, /--out .*file can't be written/);
});

testUnless(
  missing,
  "--queue-type declares a quorum queue, and accepts no other kind",
  async () => {
    const queue = `test-${process.pid}-quorum`;
    const options = ["--amqp", amqp, "--queue", queue, "--json"]
      .concat("--out", temporaryFolder());
    const quorum = [...options, "--queue-type", "quorum"];
    const url = `${target.url}/delay/1`;
    const own = ["--calls", "20", "--url", url];
    const producer = await runScript("producer.ts", ...quorum, ...own);
    const consumer = await runScript(
      "consumer.ts",
      ...quorum,
      "--idle",
      "500ms",
    );
    const broker = await openBroker({ amqp, queue, queueType: "quorum" });
    await broker.deleteQueues();
    await broker.close();
    assert.deepEqual([producer.code, consumer.code], [0, 0], producer.stderr);
    assert.equal(JSON.parse(consumer.stdout).ok, 20);
    const { code, stderr } = await runScript(
      "consumer.ts",
      ...[...options, "--queue-type", "mirrored"],
    );
    assert.equal(code, 2);
    assert.match(stderr, /--queue-type takes classic or quorum/);
  },
);

testQueue(
  "a queue with other properties: the error says what to do",
  async (bench) => {
    const queue = `${bench.queue}.other`;
    await bench.channel.assertQueue(queue, { durable: false });
    try {
      for (const script of ["producer.ts", "consumer.ts"]) {
        const { code, stderr } = await runScript(
          script,
          ...["--amqp", amqp, "--queue", queue],
        );
        assert.equal(code, 1);
        assert.match(stderr, /queue test-\S+ can't be used .*--queue/);
        assert.doesNotMatch(stderr, /^ +at /m);
      }
    } finally {
      await bench.channel.deleteQueue(queue);
      await bench.channel.deleteQueue(`${queue}.dead`);
    }
  },
);

test("without RabbitMQ, the error names two ways to start it", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const runs = ["producer.ts", "consumer.ts"].flatMap((script) =>
    [1, port].map((dead) =>
      runScript(script, "--amqp", `amqp://127.0.0.1:${dead}`)
    )
  );
  for (const { code, stderr } of await Promise.all(runs)) {
    assert.equal(code, 1);
    assert.match(stderr, /docker compose up/);
    assert.match(stderr, /rabbitmq-server/);
    assert.doesNotMatch(stderr, /^ +at /m);
  }
  silent.close();
});

test("a consumer's warm-up needs a URL", async () => {
  const { code, stderr } = await runScript("consumer.ts", "--warmup", "3");
  assert.equal(code, 2);
  assert.match(stderr, /--warmup needs a --url/);
});

testUnless(
  missing ?? (typeof disk === "string" ? disk : undefined),
  "messages whose rows don't fit on a full disk stay in the queue",
  async () => {
    if (typeof disk === "string") return;
    const queue = `test-${process.pid}-full-disk`;
    const broker = await openBroker({ amqp, queue });
    const ballast = path.join(disk.folder, "ballast");
    fs.writeFileSync(ballast, "x".repeat(40_000));
    const csv = path.join(disk.folder, "metrics_async_rabbitmq.csv");
    const consumeOnDisk = () =>
      runScript(
        "consumer.ts",
        ...["--amqp", amqp, "--queue", queue, "--out", disk.folder, "--append"],
        ...["--concurrency", "10", "--idle", "500ms"],
      );
    try {
      for (let id = 1; id <= 200; id++) {
        const url = `${target.url}/status/200`;
        const message = { url, id: String(id), published: Date.now() };
        const { body, properties } = writeMessage(message);
        broker.channel.sendToQueue(queue, body, properties);
      }
      await broker.channel.waitForConfirms();
      const { code, stderr } = await consumeOnDisk();
      assert.match(stderr, /async_rabbitmq\.csv: .*; lost: the last .*\n$/);
      assert.doesNotMatch(stderr, /^\s+at /m);
      assert.equal(code, 1);
      const { length } = readRows(csv);
      assert.ok(length > 0 && length < 200);
      await eventually(
        "all others in the queue",
        async () =>
          (await broker.channel.checkQueue(queue)).messageCount >= 200 - length,
      );
      disk.free();
      const again = await consumeOnDisk();
      assert.equal(again.code, 0, again.stderr);
      assert.equal(new Set(readRows(csv).map(({ id }) => id)).size, 200);
    } finally {
      await broker.deleteQueues();
      await broker.close();
    }
  },
);
