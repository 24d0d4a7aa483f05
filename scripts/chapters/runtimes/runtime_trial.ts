/** One trial: a script on a runtime, and what its process used. */
import { readFileSync } from "node:fs";
import { range } from "d3-array";
import { createClient, type Request } from "../../../lib/client.ts";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import type { Summary } from "../../../lib/summary.ts";
import {
  measureUsers,
  optionsOf,
  requestTo,
  routesFor,
  type ServerUse,
} from "../frameworks/mod.ts";
import { nameOfJob, type Runtime, serverJobs } from "../names/mod.ts";
import { $, serveBy, startBy, words } from "../run.ts";
import type { Trial } from "../trials.ts";
import type { Observer } from "./clients.ts";

/** A client or a server process, as seen from outside. */
export interface ProcessUse {
  /** As in `bun 1.4.5`. */
  runtime: string;
  /** From its start to its first call, or until it listened, in seconds. */
  start?: number;
  /** The most memory that it ever had, in bytes. */
  memory?: number;
}

/** How it is measured. */
export interface Way {
  out: string;
  /** The URL of the target, which all clients call. */
  target: string;
  /** Sees when a process makes its first call. */
  observer: Observer;
  /** Calls in a trial of a style. */
  calls: number;
  /** Calls per second of an attack. */
  rate: number;
  users: number;
  /** Of an attack, and of users, in seconds. */
  duration: number;
  signal: AbortSignal;
}

/** Unrecorded calls before a load, or to a server before it is measured. */
const WARM_UP = 200;

interface Measured {
  summary: Summary;
  use: Omit<ProcessUse, "runtime">;
  server?: ServerUse;
}

/** Measures what a runtime does in one job. */
export async function measureTrial(
  runtime: Runtime,
  job: string,
  rows: string[],
  way: Way,
): Promise<Trial> {
  const common = words`--name ${nameOfJob(runtime.name, job)} ${rows}`;
  const measureJob = serverJobs.includes(job) ? measureServer : measureClient;
  const { summary, use, server } = await measureJob(runtime, job, common, way);
  const version = `${runtime.name} ${runtime.version}`;
  const { calls, throughput } = summary;
  const memory = server?.memory ?? use.memory;
  return {
    runs: [summary],
    more: { process: { runtime: version, ...use }, server },
    line: `${runtime.name.padEnd(5)}${job.padEnd(10)} ` +
      `${calls} ${calls === 1 ? "call" : "calls"}, ` +
      `${formatNumber(throughput)} OK/s` +
      (use.start ? `, started in ${formatSeconds(use.start)}` : "") +
      (memory ? `, ${formatNumber(memory / 1e6)} MB` : ""),
  };
}

/** The script of each client, and its options. */
function clientsOf({ observer, target, calls, rate, users, duration }: Way) {
  const style = words`--calls ${calls} --url ${target}/?id={id}`;
  const load = words`--duration ${duration}s --warmup ${WARM_UP}`;
  const ofUsers = words`--users ${users} --url ${target}/status/200 ${load}`;
  return {
    start: words`async.ts --calls 1 --url ${observer.url}`,
    sync: words`sync.ts ${style}`,
    async: words`async.ts ${style}`,
    semaphore: words`semaphore.ts --concurrency 10 ${style}`,
    attack: words`attack.ts --rate ${rate} --url ${target}/delay/10 ${load}`,
    users: words`users.ts ${ofUsers}`,
    fetch: words`fetch.ts ${ofUsers}`,
  } as Record<string, string[]>;
}

/** A script on the runtime calls the target. */
async function measureClient(
  runtime: Runtime,
  job: string,
  common: string[],
  way: Way,
): Promise<Measured> {
  const spawned = performance.now();
  const line = words`${clientsOf(way)[job]!} ${common} --json`;
  const { pid, ended } = startBy(runtime)`${line}`;
  const memory = watchMemory(pid);
  const summary = JSON.parse(await ended.finally(memory));
  const first = way.observer.take("/");
  const start = first && (first.at - spawned) / 1000;
  return { summary, use: { start, memory: memory() } };
}

/** Users call a server on the runtime. */
async function measureServer(
  runtime: Runtime,
  job: string,
  common: string[],
  way: Way,
): Promise<Measured> {
  const { users, duration } = way;
  const script = job === "bare" ? "bare" : "hono";
  const spawned = performance.now();
  const { url, stop } = await serveBy(runtime)`servers/${script}.ts`;
  const start = (performance.now() - spawned) / 1000;
  try {
    const { request, call } = await askedOf(job, url, way.out);
    await warmUp(request, way);
    const options = words`--users ${users} --duration ${duration}s
      ${call} ${common}`;
    const { summary, use: server } = await measureUsers(url, options);
    return { summary, use: { start }, server };
  } finally {
    await stop();
  }
}

/** What a server is asked, as a request and as a script's options. */
async function askedOf(job: string, server: string, out: string) {
  const url = `${server}/health`;
  if (job !== "image") return { request: { url }, call: words`--url ${url}` };
  const route = routesFor(out, "").find(({ name }) => name === "base64")!;
  const request = await requestTo(route, server);
  return { request, call: optionsOf(route, server) };
}

async function warmUp(request: Request, { users, signal }: Way) {
  const client = createClient(30);
  signal.addEventListener("abort", client.abort);
  let left = WARM_UP;
  async function live() {
    while (left-- > 0 && !signal.aborted) await client.call(request);
  }
  await Promise.all(range(users).map(live));
  signal.removeEventListener("abort", client.abort);
  await client.close();
}

/** How often memory is read, in milliseconds: a later peak is not seen. */
const LOOK = 50;

/**
 * Watches a process until what is returned is called, which gives the most memory
 * that it had, in bytes; undefined if it can't be known. Linux keeps the peak;
 * other systems tell (by ps) what is resident now.
 */
function watchMemory(pid: number): () => number | undefined {
  let most: number | undefined;
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    const bytes = await residentBytes(pid);
    if (bytes) most = Math.max(most ?? 0, bytes);
    isLooking = false;
  }, LOOK);
  return () => {
    clearInterval(timer);
    return most;
  };
}

async function residentBytes(pid: number): Promise<number> {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    const { stdout } = await $({ nothrow: true })`ps -o rss= -p ${pid}`;
    return Number(stdout) * 1024;
  }
}
