/** Helpers for many tests. */
import {
  startSummary,
  type Summary,
  type SummaryRules,
} from "../../../lib/summary.ts";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { buffer, text } from "node:stream/consumers";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseRows } from "../../../notebooks/kit/rows/parse_rows.ts";
import type { Row } from "../../../lib/row.ts";
import { command } from "../../../lib/runtime.ts";

/** A new folder, deleted after the tests of the file. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(tmpdir(), "call-styles-"));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The rows of a CSV, which must be without a problem. */
export function readRows(file: string): Row[] {
  const { rows, problems } = parseRows(fs.readFileSync(file, "utf8"));
  assert.deepEqual(problems, []);
  return rows;
}

/** A row of which only `given` matters. */
export function someRow(given: Partial<Row> = {}): Row {
  return {
    timestamp: new Date("2024-05-06T07:08:09.123Z"),
    url: "http://127.0.0.1:8080/",
    status: 200,
    elapsed: 0.0625,
    error: "",
    name: "sync",
    run: "run-1",
    id: "1",
    wait: 0,
    ttfb: 0.05,
    server: 0.03125,
    bytes_out: 0,
    bytes_in: 3,
    ...given,
  };
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts a script of `scripts/` in a new process group. */
export function spawnScript(
  script: string,
  options: string[],
  { permissions = ["-A"], env = process.env, cwd = process.cwd() } = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const file = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  const [program, ...rest] = command(file, permissions);
  const child = spawn(program!, [...rest, ...options], {
    stdio: "pipe",
    detached: true,
    env,
    cwd,
  });
  const ended = Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]).then(([[code], stdout, stderr]) => ({ code, stdout, stderr }));
  return { child, ended };
}

/** Runs a script to its end. */
export function runScript(script: string, ...options: string[]) {
  return spawnScript(script, options).ended;
}

/** Sends one request over a new connection. */
export async function get(
  url: string,
  { method = "GET", headers = {}, body = "" } = {},
) {
  const request = http.request(url, { agent: false, method, headers });
  request.end(body);
  const [response] = await once(request, "response");
  const { statusCode: status, headers: got } = response as http.IncomingMessage;
  return { status, headers: got, body: await buffer(response) };
}

/** What the target counted, of all requests or of those with a key. */
export async function stats(
  url: string,
  key?: string,
): Promise<Record<string, number>> {
  const query = key === undefined ? "" : `?key=${key}`;
  return JSON.parse(String((await get(`${url}/stats${query}`)).body));
}

/** An address at which other machines can call this one, if there is one. */
export function outerAddress(): string | undefined {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ family, internal }) => family === "IPv4" && !internal)
  )[0]?.address;
}

/** Whether a port accepts connections. */
export async function isListening(host: string, port: number) {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
    return false;
  } finally {
    socket.destroy();
  }
}

/** Waits until `check` returns something; fails after ten seconds. */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const found = await check();
    if (found) return found;
    await sleep(10);
  }
  assert.fail(`never seen: ${what}`);
}

/** Skips a test, and says why, if something is `missing` here. */
export function testUnless(
  missing: string | undefined,
  name: string,
  work: () => Promise<void>,
) {
  if (missing) console.error(`SKIPPED ${name}: ${missing}`);
  test(name, { skip: missing !== undefined }, work);
}

/** Checks that `work` exits with code 2; returns what it prints. */
export async function saysWrong(work: () => unknown): Promise<string> {
  const { error } = console;
  const { exit } = process;
  const said: string[] = [];
  console.error = (text) => said.push(text);
  process.exit = (code) => {
    throw new Error(`exit ${code}`);
  };
  try {
    await assert.rejects(async () => await work(), /^Error: exit 2$/);
  } finally {
    console.error = error;
    process.exit = exit;
  }
  return said.join("\n");
}

/** Random numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomNumbers(seed = 1): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Summarises the rows of one run, of which `calls` were due. */
export function summarize(
  rows: Iterable<Row>,
  { calls, seconds, ...rules }: SummaryRules & {
    calls?: number;
    seconds?: number;
  } = {},
): Summary {
  const summary = startSummary(rules);
  for (const row of rows) summary.add(row);
  return summary.end(seconds, calls);
}
