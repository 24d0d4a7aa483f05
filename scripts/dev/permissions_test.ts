import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { openBroker } from "../../lib/queue/broker.ts";
import { startServer, startServerWith } from "../../lib/script.ts";
import { testBroker } from "./testing/broker.ts";
import {
  get,
  spawnScript,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";
import { examplePayload } from "../servers/webhook/payload.ts";

/** The permissions in REFERENCE.md, by script: needed always, and sometimes. */
const stated = new Map(statedRows());

function* statedRows() {
  const file = new URL("../../REFERENCE.md", import.meta.url);
  const [, part] = fs.readFileSync(file, "utf8").split("## Without `-A`\n");
  const [section] = part!.split(/^#/m);
  for (const line of section!.split("\n")) {
    const [, scripts, need, and] = line.split("|").map((cell) => cell.trim());
    const permissions = (cell = "") => cell.match(/--allow[\w-=,]*/g) ?? [];
    for (const [, script] of scripts?.matchAll(/`([\w/-]+)`/g) ?? []) {
      yield [script!, [permissions(need), permissions(and)]] as const;
    }
  }
}

const folder = temporaryFolder();
const target = await startServer("target.ts");
const { amqp, missing, stop } = await testBroker();
after(async () => {
  await target.stop();
  await stop();
});

// Deno gives a child without any permission flag all of its own permissions
// (https://github.com/denoland/deno/pull/35443), so deny one that is not used.
const strict = ["--no-prompt", "--deny-sys=uid"];

/** Runs a script, which has to succeed. */
async function run(permissions: string[], script: string, options: string[]) {
  const { ended } = spawnScript(`${script}.ts`, options, {
    permissions: [...strict, ...permissions],
    cwd: folder,
  });
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
}

// A call without permission fails.
const url = ["--url", `${target.url}/delay/1?id={id}`]
  .concat("--expect", "success>=1");
const calls = ["--calls", "2"];
const load = ["--rate", "20", "--duration", "100ms"];
const queue = `test-permissions-${process.pid}`;
const queued = ["--amqp", amqp, "--queue", queue];
const unused = ["--service", "http://127.0.0.1:1/"];

/** A small job for each script, and one that needs the other permissions. */
const jobs: Record<string, [options: string[], more?: string[]]> = {
  "sync": [[...calls, ...url]],
  "async": [[...calls, ...url], calls],
  "semaphore": [[...calls, ...url]],
  "throttle": [[...calls, ...url]],
  "p-throttle": [[...calls, ...url]],
  "attack": [
    [...load, ...url],
    ["--rate", "1", "--duration", "100ms", "--find", "p99<1ms", "--json"],
  ],
  "users": [["--users", "1", "--duration", "100ms", ...url]],
  "fetch": [["--users", "1", "--duration", "100ms", ...url]],
  "compare": [["results/metrics_sync.csv", "results/metrics_async.csv"]],
  "report": [["three-styles"]],
  "producer": [[...calls, ...queued, ...url]],
  "consumer": [[...calls, ...queued, "--expect", "success>=1"]],
  "target": [[]],
  "webhook": [unused, ["--lag", "lag.csv", "--profile", "a.cpuprofile"]],
  "servers/bare": [[]],
  "servers/express": [[]],
  "servers/fastify": [[]],
  "servers/hono": [[]],
};

/** Starts a server and makes a request of each kind. */
async function serve(permissions: string[], script: string, options: string[]) {
  const { url, stop } = await startServerWith(
    [...strict, ...permissions],
    `${script}.ts`,
    ...options.map((option) =>
      /\.c/.test(option) ? path.join(folder, option) : option
    ),
  );
  const headers = { "content-type": "application/json" };
  try {
    if (script.startsWith("servers/")) {
      const file = new URL("../../assets/image.jpg", import.meta.url);
      const image = fs.readFileSync(file).toString("base64");
      const body = JSON.stringify({ image });
      const asked = { method: "POST", headers, body };
      assert.equal((await get(`${url}/magic/base64`, asked)).status, 200);
    }
    if (script === "webhook") {
      const asked = { method: "POST", headers, body: examplePayload() };
      assert.equal((await get(`${url}/loop/model`, asked)).status, 200);
    }
    assert.equal((await get(`${url}/stats`)).status, 200);
  } finally {
    await stop();
  }
}

test("REFERENCE.md lists the scripts that are tested here", () => {
  assert.deepEqual([...stated.keys()].toSorted(), Object.keys(jobs).toSorted());
});

for (const [script, [options, more]] of Object.entries(jobs)) {
  const isServer = /^(target|webhook|servers)/.test(script);
  const ofQueue = /^(producer|consumer)$/.test(script);
  testUnless(
    ofQueue ? missing : undefined,
    `${script} needs only the permissions in REFERENCE.md`,
    async () => {
      const [need, and] = stated.get(script)!;
      const work = isServer ? serve : run;
      await work(need, script, options);
      if (more) await work([...need, ...and], script, more);
      if (script !== "consumer") return;
      const { deleteQueues, close } = await openBroker({ amqp, queue });
      await deleteQueues();
      await close();
    },
  );
}

test("REFERENCE.md lists no permission that isn't needed", async () => {
  const one = ["async", "compare", "report", "target", "servers/hono"];
  await Promise.all(one.map(async (script) => {
    const [need] = stated.get(script)!;
    const work = /^(target|servers)/.test(script) ? serve : run;
    for (const left of need) {
      const others = need.filter((permission) => permission !== left);
      const [options] = jobs[script]!;
      await assert.rejects(
        work(others, script, options),
        `${script} ${left}`,
      );
    }
  }));
});
