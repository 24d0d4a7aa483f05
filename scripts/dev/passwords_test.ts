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
import { isReachable, openBroker } from "../../lib/queue/broker.ts";
import { startPrivateBroker } from "../chapters/private_broker.ts";
import { startServer } from "../../lib/script.ts";
import { eventually, runScript, spawnScript } from "./testing/processes.ts";
import { temporaryFolder, testUnless } from "./testing/processes.ts";

/** The end of each password, and nothing else. */
const MARK = "m4rk";
const SECRET = `us3r:p/a @ss${MARK}@`;
const ENCODED = `us3r:${MARK}@`;
/** Nobody listens there. */
const NOWHERE = "127.0.0.1:1";

const out = temporaryFolder();
const target = await startServer("target.ts");

/** Sends callers to where they need a password. */
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
const call = ["--calls", "2", "--out", out];
const attack = ["--rate", "20", "--duration", "100ms", "--out", out];

/** What is typed where, and what the script ends with. */
const cases: [script: string, what: string, options: string[], code: number][] =
  [
    ["async.ts", "of a URL", ["--url", `http://${ENCODED}${NOWHERE}/`], 2],
    ["async.ts", "with signs that end a URL", [
      `--url=http://${SECRET}${NOWHERE}/`,
    ], 2],
    ["async.ts", "of what is no URL", ["--url", `${ENCODED}${NOWHERE}`], 2],
    ["async.ts", "of what is no option", [`http://${SECRET}${NOWHERE}/`], 2],
    [
      "async.ts",
      "of a flag's value",
      [`--json=http://${SECRET}${NOWHERE}/`],
      2,
    ],
    ["async.ts", "in a folder's name", [
      "--out",
      `${fileOf("a", "")}/http://${ENCODED}a/`,
    ], 1],
    ["attack.ts", "of a target", [
      "--targets",
      targets(`http://${ENCODED}${NOWHERE}/`),
    ], 2],
    ["attack.ts", "of a target, with signs that end a URL", [
      "--targets",
      targets(`http://${SECRET}${NOWHERE}/`),
    ], 2],
    ["attack.ts", "in the name of a file of targets", [
      "--targets",
      `http://${SECRET}${NOWHERE}/`,
    ], 2],
    ["frameworks.ts", "of a server", [
      "--server",
      `a=http://${ENCODED}${NOWHERE}/`,
    ], 2],
    ["frameworks.ts", "in a server's command", [
      ...["--server", `a=echo 'http://${SECRET}a' >&2; exit 3`],
      ...["--only", "a", "--trials", "1", "--out", out],
    ], 1],
    [
      "webhook.ts",
      "of a service",
      ["--service", `http://${SECRET}${NOWHERE}/`],
      2,
    ],
    [
      "producer.ts",
      "of RabbitMQ",
      ["--amqp", `amqp://${ENCODED}${NOWHERE}`],
      1,
    ],
    ["producer.ts", "of RabbitMQ, with signs that end a URL", [
      "--amqp",
      `amqp://${SECRET}${NOWHERE}`,
    ], 1],
    ["producer.ts", "of RabbitMQ, with a wrong scheme", [
      `--amqp=http://${SECRET}${NOWHERE}`,
    ], 2],
    [
      "consumer.ts",
      "of RabbitMQ",
      ["--amqp", `amqp://${ENCODED}${NOWHERE}`],
      1,
    ],
    ["ladder.ts", "of RabbitMQ", [
      "--amqp",
      `amqp://${ENCODED}${NOWHERE}`,
      "--out",
      out,
    ], 1],
    [
      "compare.ts",
      "in the name of a CSV",
      [`http://${SECRET}a.csv`, "b.csv"],
      1,
    ],
    [
      "report.ts",
      "in the name of a folder",
      ["--results", `http://${SECRET}a`],
      1,
    ],
    ["async.ts", "that a redirection has", [
      ...call,
      "--url",
      `http://127.0.0.1:${port}/there`,
    ], 0],
    ["sync.ts", "of where a redirection fails", [
      ...call,
      "--url",
      `http://127.0.0.1:${port}/gone`,
    ], 0],
    ["semaphore.ts", "that a redirection elsewhere has", [
      ...call,
      "--url",
      `http://127.0.0.1:${port}/other`,
    ], 0],
    ["attack.ts", "in a body or a header", [
      ...[...attack, "--url", `${target.url}/echo`],
      ...["--body", `http://${ENCODED}a`, "--header", `a: http://${ENCODED}a`],
    ], 0],
  ];

const few = pLimit(4);
const endings = cases.map(([script, , options]) =>
  few(() => runScript(script, ...options))
);

for (const [index, [script, what, , code]] of cases.entries()) {
  test(`${script} says no password ${what}`, async () => {
    const { code: ended, stdout, stderr } = await endings[index]!;
    assert.equal(ended, code, stderr);
    assert.doesNotMatch(stdout + stderr, new RegExp(MARK));
    assert.notEqual(stdout + stderr, "");
  });
}

test("no password of the environment is said", async () => {
  const env = { ...process.env, AMQP_URL: `amqp://${ENCODED}${NOWHERE}` };
  const options = ["--port", "0", "--until-eof", "--service", target.url];
  const { child, ended } = spawnScript("webhook.ts", options, { env });
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => said += text);
  await eventually("what is wrong", () => said.includes("RabbitMQ"));
  child.stdin!.end();
  const { stdout, stderr } = await ended;
  assert.doesNotMatch(stdout + stderr, new RegExp(MARK));
  const consumer = await spawnScript("consumer.ts", [], { env }).ended;
  assert.equal(consumer.code, 1);
  assert.doesNotMatch(consumer.stderr, new RegExp(MARK));
});

const own = await isReachable() ? undefined : await startPrivateBroker();
if (own) process.env.AMQP_URL = own.amqp;
after(() => own?.stop());
const missing = own || await isReachable()
  ? undefined
  : "no RabbitMQ is reachable, nor rabbitmq-server or Docker at hand";

testUnless(missing, "no password of a message is written down", async () => {
  const queue = `test-passwords-${process.pid}`;
  const amqp = process.env.AMQP_URL ?? "amqp://guest:guest@127.0.0.1:5672";
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
    const { code, stdout, stderr } = await runScript(
      "consumer.ts",
      ...["--amqp", amqp, "--queue", queue, "--calls", "5", "--out", out],
    );
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, new RegExp(MARK));
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
});

test("no file has a password, and no page that is made of them", async () => {
  await Promise.all(endings);
  const { code, stdout, stderr } = await runScript(
    "report.ts",
    "--results",
    out,
  );
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, new RegExp(MARK));
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
