import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { Buffer } from "node:buffer";
import { isReachable, openBroker } from "../../lib/queue/broker.ts";
import { formatSummary } from "../../lib/summary.ts";
import {
  someRow,
  spawnScript,
  summarize,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";
import { hostile, writeResults } from "./testing/hostile.ts";
import { visible } from "../../lib/text.ts";

/** What no terminal gets to see: all but line breaks. */
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

/** Refuses, and says until when in a way of its own. */
const refusing = createServer((_, response) => {
  response.writeHead(429, { "retry-after": "soon \x9b31m" }).end();
});
await once(refusing.listen(0, "127.0.0.1"), "listening");
const { port } = refusing.address() as AddressInfo;
after(() => {
  refusing.close();
  refusing.closeAllConnections();
});

// Else Deno itself writes colours.
const env = { ...process.env, NO_COLOR: "1" };

/** What was printed of the `texts`, which nothing obeys. */
async function assertPrinted(
  [script, ...options]: string[],
  code: number,
  texts: string[],
) {
  const { ended } = spawnScript(script!, options, { env });
  const { code: endedWith, stdout, stderr } = await ended;
  assert.equal(endedWith, code, stderr);
  const printed = stdout + stderr;
  assert.doesNotMatch(printed, obeyed);
  for (const text of texts) assert.ok(printed.includes(visible(text)), printed);
}

const throttle = ["--calls", "1", "--retries", "1", "--timeout", "5s"]
  .concat("--url", `http://127.0.0.1:${port}/`, "--out", temporaryFolder());

const cases: [what: string, typed: string[], code: number, texts: string[]][] =
  [
    ["a wrong value", ["async.ts", "--url", escapes], 2, [escapes]],
    ["a wrong option", ["async.ts", `--${escapes}`], 2, [escapes]],
    ["what is no option", ["async.ts", escapes], 2, [escapes]],
    ["a file's line", ["attack.ts", "--targets", targets], 2, [escapes]],
    ["a header", ["throttle.ts", ...throttle], 0, ["soon \x9b31m"]],
    ["wrong results", ["report.ts", "--results", folder], 0, obeying],
    [
      "what is compared",
      ["compare.ts", csv("sync"), csv("attack")],
      0,
      obeying,
    ],
    [
      "a name that is in no CSV",
      ["compare.ts", `${csv("sync")}#${escapes}`, csv("users")],
      1,
      [escapes],
    ],
  ];

for (const [what, typed, code, texts] of cases) {
  test(`a terminal obeys nothing in ${what}`, async () => {
    await assertPrinted(typed, code, texts);
  });
}

test("a terminal obeys nothing in an error, which is one line", () => {
  const error = `other: a\r\nb${escapes}`;
  const summary = summarize([someRow({ error, status: undefined })]);
  const text = formatSummary(summary, "a.csv");
  assert.ok(text.includes(`\n  ${visible(error)}\n`), text);
  assert.doesNotMatch(text, obeyed);
});

const missing = await isReachable() ? undefined : "no RabbitMQ is reachable";

testUnless(missing, "a terminal obeys nothing in a message's id", async () => {
  const queue = `test-terminal-${process.pid}`;
  const { channel, deleteQueues, close } = await openBroker({ queue });
  try {
    channel.sendToQueue(queue, Buffer.from("{}"), { messageId: escapes });
    await channel.waitForConfirms();
    const options = ["--queue", queue, "--calls", "1"];
    const out = ["--out", temporaryFolder()];
    await assertPrinted(["consumer.ts", ...options, ...out], 0, [escapes]);
  } finally {
    await deleteQueues();
    await close();
  }
});
