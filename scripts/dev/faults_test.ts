import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import pLimit from "p-limit";
import { openBroker } from "../../lib/queue/broker.ts";
import { writeMessage } from "../../lib/queue/message.ts";
import { testBroker } from "./testing/broker.ts";
import {
  eventually,
  readRows,
  spawnScript,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";
import { authority } from "./testing/certificates.ts";
import {
  assertMet,
  faults,
  noResolver,
  startFaults,
} from "./testing/faults.ts";

/** Seconds that a call may take: long enough for what must not time out. */
const TIMEOUT = 4;
/** The same for sync, which takes them for each silence, one after another. */
const SHORT = 2;
/** How late a busy machine may be. */
const SLACK = 10;

const resolver = await noResolver();
if (resolver) console.error(`SKIPPED an unknown host: ${resolver}`);
const known = faults.filter(({ error }) => error !== "dns" || !resolver);
const server = await startFaults(known);

const folder = temporaryFolder();
const trusted = path.join(folder, "authority.pem");
fs.writeFileSync(trusted, authority);
const trust = { NODE_EXTRA_CA_CERTS: trusted, DENO_CERT: trusted };
const targets = path.join(folder, "targets.txt");
fs.writeFileSync(targets, server.urls.map((url) => `GET ${url}\n`).join(""));

const count = String(known.length);
const redirected = ["--url", `${server.url}/{id}`];
const numbered = [...redirected, "--calls", count];

/** The options with which each script makes one call to each fault. */
const scripts = {
  "sync.ts": numbered,
  "async.ts": numbered,
  "semaphore.ts": [...numbered, "--concurrency", "20"],
  "throttle.ts": [...numbered, "--rate", "1000"],
  "p-throttle.ts": [...numbered, "--rate", "1000"],
  "attack.ts": ["--targets", targets, "--rate", count, "--duration", "1s"],
  "users.ts": [...redirected, "--users", count]
    .concat(["--think", "1h", "--duration", "500ms"]),
};

/** A response that was lost because a reset overtook it. */
const LOST = { status: undefined, bytesIn: undefined };

const atOnce = pLimit(4);

/** Runs a script and checks that it writes one row per fault. */
async function meetAll(script: string, options: string[]) {
  const timeout = script === "sync.ts" ? SHORT : TIMEOUT;
  const out = path.join(folder, script);
  const all = ["--timeout", `${timeout}s`, "--max-body", "1MB", "--json"]
    .concat(["--out", out, "--name", "faults", ...options]);
  const env = { ...process.env, ...trust };
  const run = () => spawnScript(script, all, { env }).ended;
  const { code, stderr, stdout } = await atOnce(run);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /^\s+at /m);
  assert.equal(JSON.parse(stdout).calls, known.length);
  const rows = readRows(path.join(out, "metrics_faults.csv"))
    .sort((a, b) => Number(a.id) - Number(b.id));
  assert.deepEqual(
    rows.map(({ id }) => id),
    known.map((_, index) => String(index + 1)),
  );
  for (const [index, fault] of known.entries()) {
    const row = rows[index]!;
    const { elapsed = 0 } = row;
    const isLost = fault.overtakes && row.status === undefined;
    const expected = { ...fault, ...isLost && LOST };
    assertMet(expected, row);
    const isInTime = elapsed < timeout + SLACK &&
      (expected.error !== "timeout" || elapsed >= timeout * 0.9);
    assert.ok(isInTime, `${fault.name}: ${elapsed} s`);
  }
}

/** Publishes one message per fault and has a consumer call them. */
async function consumeAll() {
  const queue = `test-faults-${process.pid}`;
  const { channel, deleteQueues, close } = await openBroker({ amqp, queue });
  try {
    for (const [index, url] of server.urls.entries()) {
      const asked = { url, id: String(index + 1), published: Date.now() };
      const { body, properties } = writeMessage(asked);
      channel.sendToQueue(queue, body, properties);
    }
    await channel.waitForConfirms();
    const options = ["--amqp", amqp, "--queue", queue, "--calls", count];
    await meetAll("consumer.ts", options);
    assert.equal((await channel.checkQueue(queue)).messageCount, 0);
  } finally {
    await deleteQueues();
    await close();
  }
}

const { amqp, missing, stop } = await testBroker();
after(stop);

const started = Object.entries(scripts).map(([script, options]) => ({
  ...{ script, unless: undefined as string | undefined },
  met: meetAll(script, options),
}));
const consumed = missing ? Promise.resolve() : consumeAll();
started.push({ script: "consumer.ts", unless: missing, met: consumed });

for (const { script, unless, met } of started) {
  // Its test handles the rejection, but may start later.
  met.catch(() => {});
  testUnless(
    unless,
    `${script} writes one row per fault`,
    () => met,
  );
}

test("no script leaves a connection behind", async () => {
  await eventually("no connection", () => server.open() === 0);
});
