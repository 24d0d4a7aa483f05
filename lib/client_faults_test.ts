import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createClient } from "./client.ts";
import { eventually, testUnless } from "../scripts/dev/testing/processes.ts";
import {
  assertMet,
  type Fault,
  faults,
  noResolver,
  startFaults,
} from "../scripts/dev/testing/faults.ts";

/** Seconds; long enough for what must not time out. */
const PATIENCE = 30;
const IMPATIENCE = 3;

const server = await startFaults(faults);
const ports = new Set(server.urls.map((url) => Number(new URL(url).port)));
const shared = createClient(PATIENCE, { maxBody: 1_000_000 });

const SOCKETS = "/proc/net/tcp";
const LISTENS = "0A";

/**
 * How many sockets to or from the servers any process has, by the system's own
 * account (proc(5)). Files of this process would not do: Deno may run other
 * tests in it.
 */
function openSockets(): number {
  const lines = readFileSync(SOCKETS, "utf8").trim().split("\n").slice(1);
  return lines.map((line) => line.trim().split(/\s+/)).filter((cells) => {
    const [, local, remote, state] = cells;
    const isOurs = [local, remote].some((end) =>
      ports.has(parseInt(end!.split(":")[1]!, 16))
    );
    // A socket that no file stands for any more has no inode.
    return isOurs && state !== LISTENS && cells[9] !== "0";
  }).length;
}

/** In this process nobody trusts the authority of the tests. */
function expected(fault: Fault): Fault {
  return fault.certificate ? { name: fault.name, error: "tls" } : fault;
}

/** Has a fault met, and then makes a call that meets none. */
async function meet(fault: Fault, client = shared) {
  const met = await client.call({ url: server.urls[faults.indexOf(fault)]! });
  const next = await client.call({ url: `${server.url}/0` });
  assertMet(expected(fault), met);
  assert.deepEqual([next.error, next.status], ["", 200]);
  return met;
}

async function meetUntil(timeout: number, fault: Fault) {
  const client = createClient(timeout);
  try {
    const { elapsed } = await meet(fault, client);
    assert.ok(elapsed! >= timeout * 0.9, `${elapsed} s`);
  } finally {
    await client.close();
  }
}

/** Those that take all of their time, and so take it together. */
const late = new Map<Fault, Promise<void>>();
for (const fault of faults.filter(({ error }) => error === "timeout")) {
  const meeting = meetUntil(IMPATIENCE, fault);
  // Its test may come later.
  meeting.catch(() => {});
  late.set(fault, meeting);
}

const resolver = await noResolver();

for (const fault of faults) {
  const { name, error, status } = expected(fault);
  testUnless(
    error === "dns" ? resolver : undefined,
    `${name} is ${error || `a ${status}`}, and the next call is well`,
    async () => void await (late.get(fault) ?? meet(fault)),
  );
}

testUnless(
  existsSync(SOCKETS) ? undefined : `there is no ${SOCKETS} here`,
  "none of them leaves a connection behind",
  async () => {
    assert.ok(openSockets() > 0);
    await shared.close();
    await eventually("no connection", () => server.open() === 0);
    await eventually("no socket", () => openSockets() === 0);
  },
);
