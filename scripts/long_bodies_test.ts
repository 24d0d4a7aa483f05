import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import test, { after } from "node:test";
import { readRows, spawnScript } from "./dev/testing/processes.ts";
import { temporaryFolder, testUnless } from "./dev/testing/processes.ts";

const CHUNK = new Uint8Array(2 ** 16).fill("x".charCodeAt(0));
const LONG = 1_000_000_000;
/** Bytes; what garbage there is between two collections, and no body. */
const MOST = 150_000_000;

let sent = 0;
/** What is to be done before the last byte of a body. */
let beforeLast = () => {};

const server = http.createServer(async ({ url }, response) => {
  const length = Number(url!.slice(1));
  const closed = once(response, "close");
  response.writeHead(200, { "content-length": length });
  for (sent = 0; sent < length - 1 && !response.destroyed;) {
    const chunk = CHUNK.subarray(0, length - 1 - sent);
    sent += chunk.length;
    if (response.write(chunk)) continue;
    await Promise.race([once(response, "drain"), closed]);
  }
  if (response.destroyed) return;
  beforeLast();
  response.end("x");
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo;
after(() => {
  server.close();
  server.closeAllConnections();
});

const folder = temporaryFolder();

/** The row of a call with so long a body, and the most memory of the script. */
async function callOnce(length: number, ...options: string[]) {
  const { child, ended } = spawnScript("sync.ts", [
    ...["--url", `http://127.0.0.1:${port}/${length}`, "--calls", "1"],
    ...["--out", folder, ...options],
  ]);
  let memory = 0;
  beforeLast = () => memory = peakMemory(child.pid!);
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
  const [row, ...more] = readRows(path.join(folder, "metrics_sync.csv"));
  assert.deepEqual(more, []);
  return { row: row!, memory };
}

/** The most memory that a process had at any time, in bytes (proc(5)). */
function peakMemory(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

testUnless(
  fs.existsSync("/proc/self/status") ? undefined : "there is no /proc here",
  "a body of 1 GB takes no more memory than one that is short",
  async () => {
    const short = await callOnce(100);
    const long = await callOnce(LONG);
    assert.deepEqual([long.row.error, long.row.bytes_in], ["", LONG]);
    assert.ok(short.memory > 0);
    const more = long.memory - short.memory;
    assert.ok(more < MOST, `${more} bytes more`);
  },
);

test("--max-body ends a call whose body is longer", async () => {
  const { row } = await callOnce(LONG, "--max-body", "1MB");
  assert.equal(row.error, "other: the body has more than 1MB (--max-body)");
  assert.equal(row.status, 200);
  assert.ok(row.bytes_in! > 1_000_000 && row.bytes_in! < 2_000_000);
  // Beside these there is what the system holds for both sides.
  assert.ok(sent < LONG / 10, `${sent} bytes were sent`);
});

test("--max-body lets a body through that is just as long", async () => {
  const { row } = await callOnce(1500, "--max-body", "1.5KB");
  assert.deepEqual([row.error, row.bytes_in], ["", 1500]);
});
