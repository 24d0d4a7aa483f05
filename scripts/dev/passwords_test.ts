import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import pLimit from "p-limit";
import { openBroker } from "../../lib/queue/broker.ts";
import { startServer } from "../../lib/script.ts";
import { testBroker } from "./testing/broker.ts";
import {
  type Ended,
  eventually,
  runScript,
  spawnScript,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";

/** Every password ends with this, and nothing else contains it. */
const MARK = "m4rk";
const SECRET = `us3r:p/a @ss${MARK}@`;
const ENCODED = `us3r:${MARK}@`;
/** An address without a server. */
const NOWHERE = "127.0.0.1:1";

const out = temporaryFolder();
const target = await startServer("target.ts");

/** Redirects to URLs that have a password. */
const redirecting = http.createServer(({ url }, response) => {
  const { host } = new URL(target.url);
  const to = url === "/gone" ? NOWHERE : `${host}/status/200`;
  const scheme = url === "/other" ? "ftp" : "http";
  response.writeHead(302, { location: `${scheme}://${ENCODED}${to}` }).end();
});
await once(redirecting.listen(0, "127.0.0.1"), "listening");
const { port } = redirecting.address() as AddressInfo;
after(async () => {
  redirecting.close();
  redirecting.closeAllConnections();
  await target.stop();
});

function fileOf(name: string, text: string): string {
  const file = path.join(temporaryFolder(), name);
  fs.writeFileSync(file, text);
  return file;
}

const targets = (url: string) => fileOf("targets.txt", `GET ${url}\n`);
const plain = `http://${ENCODED}${NOWHERE}/`;
/** With characters that end a URL. */
const odd = `http://${SECRET}${NOWHERE}/`;
const here = `http://127.0.0.1:${port}`;
const two = ["--out", out, "--calls", "2", "--url"];
const attack = ["--out", out, "--rate", "20", "--duration", "100ms", "--url"];
const folder = `${fileOf("a", "")}/${plain}`;
const failing = `a=echo 'http://${SECRET}a' >&2; exit 3`;
const one = ["--only", "a", "--trials", "1", "--out", out];
const [amqp, oddAmqp] = [plain, odd].map((url) => url.replace("http", "amqp"));

/** The exit code, where the password is, and the command. */
const cases: [code: number, where: string, script: string, ...string[]][] = [
  [2, "of a URL", "async.ts", "--url", plain],
  [2, "with characters that end a URL", "async.ts", `--url=${odd}`],
  [2, "of what is no URL", "async.ts", "--url", `${ENCODED}${NOWHERE}`],
  [2, "of what is no option", "async.ts", odd],
  [2, "of a flag's value", "async.ts", `--json=${odd}`],
  [1, "in a folder's name", "async.ts", "--out", folder],
  [2, "of a target", "attack.ts", "--targets", targets(plain)],
  [2, "of an odd target", "attack.ts", "--targets", targets(odd)],
  [2, "in the name of a file of targets", "attack.ts", "--targets", odd],
  [2, "of a server", "frameworks.ts", "--server", `a=${plain}`],
  [1, "in a command", "frameworks.ts", "--server", failing, ...one],
  [2, "of a service", "webhook.ts", "--service", odd],
  [1, "of RabbitMQ", "producer.ts", "--amqp", amqp!],
  [1, "with characters that end a URL", "producer.ts", "--amqp", oddAmqp!],
  [2, "with a wrong scheme", "producer.ts", `--amqp=${odd}`],
  [1, "of RabbitMQ", "consumer.ts", "--amqp", amqp!],
  [1, "of RabbitMQ", "ladder.ts", "--amqp", amqp!, "--out", out],
  [1, "in the name of a CSV", "compare.ts", `${odd}a.csv`, "b.csv"],
  [1, "in the name of a folder", "report.ts", "--results", odd],
  [0, "of a redirection", "async.ts", ...two, `${here}/there`],
  [0, "of where a redirection fails", "sync.ts", ...two, `${here}/gone`],
  [0, "of another scheme", "semaphore.ts", ...two, `${here}/other`],
  [
    ...[0, "in a body or a header", "attack.ts"] as const,
    ...[...attack, `${target.url}/echo`, "--body", plain],
    ...["--header", `a: ${plain}`],
  ],
];

const few = pLimit(4);
const endings = cases.map(([, , script, ...options]) =>
  few(() => runScript(script, ...options))
);

/** Checks that it printed something, without a password. */
function assertSilent({ stdout, stderr }: Ended) {
  assert.notEqual(stdout + stderr, "");
  assert.doesNotMatch(stdout + stderr, new RegExp(MARK));
}

for (const [index, [code, where, script]] of cases.entries()) {
  test(`${script} prints no password ${where}`, async () => {
    const ended = await endings[index]!;
    assert.equal(ended.code, code, ended.stderr);
    assertSilent(ended);
  });
}

test("no password of the environment is printed", async () => {
  const env = { ...process.env, AMQP_URL: `amqp://${ENCODED}${NOWHERE}` };
  const options = ["--port", "0", "--until-eof", "--service", target.url];
  const { child, ended } = spawnScript("webhook.ts", options, { env });
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => said += text);
  await eventually("what is wrong", () => said.includes("RabbitMQ"));
  child.stdin!.end();
  assertSilent(await ended);
  const consumer = await spawnScript("consumer.ts", [], { env }).ended;
  assert.equal(consumer.code, 1);
  assertSilent(consumer);
});

const rabbit = await testBroker();
after(rabbit.stop);
const { missing } = rabbit;

testUnless(
  missing,
  "no password of a message is written to a file",
  async () => {
    const queue = `test-passwords-${process.pid}`;
    const { amqp } = rabbit;
    const broker = await openBroker({ amqp, queue });
    try {
      const { host } = new URL(target.url);
      for (
        const url of [
          ...[`http://${ENCODED}${host}/status/200`, `ftp://${ENCODED}a/`],
          ...[`http://${SECRET}a/`, `http:${ENCODED}${host}/status/200`],
          `http://us3r:\n${MARK}@${host}/`,
        ]
      ) broker.channel.sendToQueue(queue, Buffer.from(JSON.stringify({ url })));
      await broker.channel.waitForConfirms();
      const ended = await runScript(
        "consumer.ts",
        ...["--amqp", amqp, "--queue", queue, "--calls", "5", "--out", out],
      );
      assert.equal(ended.code, 0, ended.stderr);
      assertSilent(ended);
      const json = path.join(out, "metrics_async_rabbitmq.json");
      const { username, password } = new URL(amqp);
      const said = fs.readFileSync(json, "utf8");
      assert.ok(!said.includes(`${username}:${password}`), said);
      const csv = path.join(out, "metrics_async_rabbitmq.csv");
      assert.equal(fs.readFileSync(csv, "utf8").trim().split("\n").length, 6);
    } finally {
      await broker.deleteQueues();
      await broker.close();
    }
  },
);

test("no file contains a password, and no page of the report", async () => {
  await Promise.all(endings);
  const ended = await runScript("report.ts", "--results", out);
  assert.equal(ended.code, 0, ended.stderr);
  assertSilent(ended);
  const files = fs.readdirSync(out);
  for (const name of ["async.csv", "sync.json", "attack.json"]) {
    assert.ok(files.includes(`metrics_${name}`), files.join());
  }
  assert.ok(files.includes("three-styles.html"), files.join());
  for (const file of files) {
    const text = fs.readFileSync(path.join(out, file), "utf8");
    assert.ok(!text.includes(MARK), `${file} has it`);
  }
});
