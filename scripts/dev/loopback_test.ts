import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import pLimit from "p-limit";
import { startServerWith } from "../../lib/script.ts";
import { urlOf } from "../servers/http/serving.ts";
import {
  get,
  isListening,
  outerAddress,
  testUnless,
} from "./testing/processes.ts";

const scripts = ["target.ts", "webhook.ts"]
  .concat(
    fs.readdirSync(new URL("../servers", import.meta.url)).sort()
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `servers/${file}`),
  );
const outer = outerAddress();
const missing = outer ? undefined : "this machine has no other address";

/** What answers, as whoever asks sees it. */
async function seen(script: string, options: string[]) {
  const service = script === "webhook.ts"
    ? ["--service", "http://127.0.0.1:1/"]
    : [];
  const { url, stop } = await startServerWith(
    ["-A"],
    script,
    ...[...service, ...options],
  );
  try {
    const { status } = await get(`${url}/stats`);
    const { hostname, port } = new URL(url);
    const fromOutside = await isListening(outer!, Number(port));
    return { status, hostname, fromOutside };
  } finally {
    await stop();
  }
}

const few = pLimit(4);
const all = missing ? [] : scripts.map((script) =>
  [[], ["--host", "0.0.0.0"]]
    .map((options) => few(() => seen(script, options)))
);

for (const [index, script] of scripts.entries()) {
  testUnless(
    missing,
    `${script} listens on loopback only, unless it is told otherwise`,
    async () => {
      const [usual, told] = await Promise.all(all[index]!);
      const { status } = usual!;
      const hostname = "127.0.0.1";
      assert.deepEqual(usual, { status, hostname, fromOutside: false });
      assert.deepEqual(told, { status, hostname, fromOutside: true });
    },
  );
}

test("the URL of what listens everywhere can be called", () => {
  const urls = {
    "0.0.0.0": "http://127.0.0.1:80",
    "::": "http://[::1]:80",
    "::1": "http://[::1]:80",
    "192.0.2.1": "http://192.0.2.1:80",
  };
  for (const [address, url] of Object.entries(urls)) {
    assert.equal(urlOf({ address, port: 80 }), url);
  }
});

test("the RabbitMQ of Docker Compose listens on loopback only", () => {
  const file = new URL("../../docker-compose.yml", import.meta.url);
  const ports = [
    ...fs.readFileSync(file, "utf8").matchAll(/^ *- "(.*:\d+)"$/gm),
  ];
  assert.equal(ports.length, 2);
  for (const [, port] of ports) assert.match(port!, /^127\.0\.0\.1:/);
});
