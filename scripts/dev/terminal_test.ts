import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { Buffer } from "node:buffer";
import { openBroker } from "../../lib/queue/broker.ts";
import { formatSummary } from "../../lib/summary.ts";
import {
  someRow,
  spawnScript,
  summarize,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";
import { testBroker } from "./testing/broker.ts";
import { hostile, writeResults } from "./testing/hostile.ts";
import { visible } from "../../lib/text.ts";

/** Characters that a terminal obeys, without line breaks. */
const obeyed =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const escapes = "\x1b[2J\x9b31m\u202e\x07";

const obeying = hostile.filter((text) => obeyed.test(text));
const folder = temporaryFolder();
writeResults(folder, [...obeying, "a\nb"]);
const targets = path.join(folder, "targets.txt");
fs.writeFileSync(targets, `GET ${escapes}\n`);
const csv = (name: string) => path.join(folder, `metrics_${name}.csv`);

/** Answers 429 with a hostile Retry-After. */
const refusing = createServer((_, response) => {
  response.writeHead(429, { "retry-after": "soon \x9b31m" }).end();
});
await once(refusing.listen(0, "127.0.0.1"), "listening");
const { port } = refusing.address() as AddressInfo;
after(() => {
  refusing.close();
  refusing.closeAllConnections();
});

// Otherwise Deno itself prints colors.
const env = { ...process.env, NO_COLOR: "1" };

const throttle = ["--calls", "1", "--retries", "1", "--timeout", "5s"]
  .concat("--url", `http://127.0.0.1:${port}/`, "--out", temporaryFolder());
const two = [csv("sync"), csv("attack")];
const none = [`${csv("sync")}#${escapes}`, csv("users")];

/** The exit code, what contains which texts, and the command. */
type Case = [
  number,
  what: string,
  texts: string[],
  script: string,
  ...string[],
];
const cases: Case[] = [
  [2, "a wrong value", [escapes], "async.ts", "--url", escapes],
  [2, "a wrong option", [escapes], "async.ts", `--${escapes}`],
  [2, "what is no option", [escapes], "async.ts", escapes],
  [2, "a file's line", [escapes], "attack.ts", "--targets", targets],
  [0, "a header", ["soon \x9b31m"], "throttle.ts", ...throttle],
  [0, "wrong results", obeying, "report.ts", "--results", folder],
  [0, "what is compared", obeying, "compare.ts", ...two],
  [1, "a name that is in no CSV", [escapes], "compare.ts", ...none],
];

async function assertPrinted(...[code, , texts, script, ...options]: Case) {
  const ended = await spawnScript(script, options, { env }).ended;
  const printed = ended.stdout + ended.stderr;
  assert.equal(ended.code, code, printed);
  assert.doesNotMatch(printed, obeyed);
  for (const text of texts) assert.ok(printed.includes(visible(text)), printed);
}

for (const each of cases) {
  test(`${each[1]} prints nothing that a terminal obeys`, () =>
    assertPrinted(...each));
}

const { amqp, missing, stop } = await testBroker();
after(stop);

testUnless(
  missing,
  "a message's id prints nothing that a terminal obeys",
  async () => {
    const queue = `test-terminal-${process.pid}`;
    const { channel, deleteQueues, close } = await openBroker({ amqp, queue });
    channel.sendToQueue(queue, Buffer.from("{}"), { messageId: escapes });
    await channel.waitForConfirms();
    const options = ["--amqp", amqp, "--queue", queue, "--calls", "1"]
      .concat("--out", temporaryFolder());
    await assertPrinted(0, "", [escapes], "consumer.ts", ...options);
    await deleteQueues();
    await close();
  },
);

test("an error is printed as one line, without what a terminal obeys", () => {
  const error = `other: a\r\nb${escapes}`;
  const summary = summarize([someRow({ error, status: undefined })]);
  const text = formatSummary(summary, "a.csv");
  assert.ok(text.includes(`\n  ${visible(error)}\n`), text);
  assert.doesNotMatch(text, obeyed);
});
