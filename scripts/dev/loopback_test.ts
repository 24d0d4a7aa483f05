import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { startServerWith } from "../../lib/script.ts";
import { urlOf } from "../servers/http/serving.ts";
import { isListening, outerAddress, testUnless } from "./testing/processes.ts";

const servers = fs.readdirSync(new URL("../servers", import.meta.url)).sort()
  .filter((file) => file.endsWith(".ts")).map((file) => `servers/${file}`);
const outer = outerAddress();
const missing = outer ? undefined : "this machine has no other address";

/** Whether other machines can call a server. */
async function isOpen(script: string, ...options: string[]) {
  const service = script === "webhook.ts"
    ? ["--service", "http://127.0.0.1:1/"]
    : [];
  const all = [...service, ...options];
  const { url, stop } = await startServerWith(["-A"], script, ...all);
  try {
    const { hostname, port } = new URL(url);
    assert.equal(hostname, "127.0.0.1");
    return await isListening(outer!, Number(port));
  } finally {
    await stop();
  }
}

for (const script of ["target.ts", "webhook.ts", ...servers]) {
  testUnless(
    missing,
    `${script} listens on loopback only, unless --host says otherwise`,
    async () => {
      const told = ["--host", "0.0.0.0"];
      const both = [isOpen(script), isOpen(script, ...told)];
      assert.deepEqual(await Promise.all(both), [false, true]);
    },
  );
}

test("the URL of a server that listens everywhere can be called", () => {
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
