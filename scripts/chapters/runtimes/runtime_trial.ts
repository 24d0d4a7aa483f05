/** One trial: a script on a runtime, and what its process took. */
import { range } from "d3-array";
import { createClient, type Request } from "../../../lib/client.ts";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import {
  optionsOf,
  requestTo,
  routesFor,
  serverPermissions,
  type ServerUse,
  startServerUse,
} from "../frameworks/mod.ts";
import type { Series } from "../interleave.ts";
import { amendRun } from "../../../lib/results.ts";
import { nameOfJob, type Runtime, serverJobs } from "../names/mod.ts";
import { startScript, startServerWith } from "../../../lib/script.ts";
import type { Summary } from "../../../lib/summary.ts";
import type { Observer } from "./observer.ts";
import { watchMemory } from "./peak_memory.ts";

/** A client or a server, as the script that started it saw it. */
export interface ProcessUse {
  /** As in `bun 1.4.5`. */
  runtime: string;
  /** From its start to its first call, or until it listened, in seconds. */
  start?: number;
  /** The most memory that it ever had, in bytes. */
  memory?: number;
}

export interface Turn {
  runtime: Runtime;
  job: string;
  series: Series;
}

/** How it is measured. */
export interface Way {
  out: string;
  /** The URL of the target, which all clients call. */
  target: string;
  /** What the start of a process is seen by. */
  observer: Observer;
  /** Calls in a trial of a style. */
  calls: number;
  /** Calls per second of an attack. */
  rate: number;
  users: number;
  /** Of an attack, and of users, in seconds. */
  duration: number;
  signal: AbortSignal;
  again: AbortSignal;
}

/** Calls of a load, or to a server, that come first and are not written down. */
const WARM_UP = 200;

interface Measured {
  summary: Summary;
  use: Omit<ProcessUse, "runtime">;
  server?: ServerUse;
}

/** Measures one trial, writes it down, and resolves to a line about it. */
export async function measureTrial(turn: Turn, way: Way): Promise<string> {
  const { runtime, job, series } = turn;
  const common = ["--name", nameOfJob(runtime.name, job), "--out", way.out]
    .concat("--json", series.trial > 1 ? "--append" : []);
  const measure = serverJobs.includes(job) ? measureServer : measureClient;
  const { summary, use, server } = await measure(turn, common, way);
  const version = `${runtime.name} ${runtime.version}`;
  const process = { runtime: version, ...use };
  amendRun(way.out, summary, { series, process, server });
  const { calls, throughput } = summary;
  const memory = server?.memory ?? use.memory;
  return `${runtime.name.padEnd(5)}${job.padEnd(10)} ` +
    `${calls} ${calls === 1 ? "call" : "calls"}, ${
      formatNumber(throughput)
    } OK/s` +
    (use.start ? `, started in ${formatSeconds(use.start)}` : "") +
    (memory ? `, ${formatNumber(memory / 1e6)} MB` : "");
}

/** The script of a client, and what it is told. */
const clients: Record<string, (way: Way) => string[]> = {
  start: ({ observer }) => ["async.ts", "--calls", "1", "--url", observer.url],
  sync: (way) => ["sync.ts", ...style(way)],
  async: (way) => ["async.ts", ...style(way)],
  semaphore: (way) => ["semaphore.ts", "--concurrency", "10", ...style(way)],
  attack: ({ rate, ...way }) =>
    ["attack.ts", "--rate", `${rate}`].concat(load(way, "/delay/10")),
  users: ({ users, ...way }) =>
    ["users.ts", "--users", `${users}`].concat(load(way, "/status/200")),
  fetch: ({ users, ...way }) =>
    ["fetch.ts", "--users", `${users}`].concat(load(way, "/status/200")),
};

function style({ calls, target }: Way): string[] {
  return ["--calls", `${calls}`, "--url", `${target}/?id={id}`];
}

function load(
  { duration, target }: Pick<Way, "duration" | "target">,
  page: string,
): string[] {
  return ["--duration", `${duration}s`, "--url", target + page]
    .concat("--warmup", `${WARM_UP}`);
}

/** A script on the runtime calls the target. */
async function measureClient(
  { runtime, job }: Turn,
  common: string[],
  way: Way,
): Promise<Measured> {
  const { observer, signal, again } = way;
  const [script, ...options] = clients[job]!(way);
  const by = { script: script!, by: runtime };
  const spawned = performance.now();
  const running = startScript(by, [...options, ...common], signal, again);
  const memory = watchMemory(running.pid);
  const summary = JSON.parse(await running.ended.finally(memory));
  const first = observer.take("/");
  const start = first && (first.at - spawned) / 1000;
  return { summary, use: { start, memory: memory() } };
}

/** Users call a server on the runtime. */
async function measureServer(
  { runtime, job }: Turn,
  common: string[],
  way: Way,
): Promise<Measured> {
  const { users, duration, signal, again } = way;
  const script = `servers/${job === "bare" ? "bare" : "hono"}.ts`;
  const by = { script, by: runtime };
  const spawned = performance.now();
  const { url, stop } = await startServerWith(serverPermissions, by);
  const start = (performance.now() - spawned) / 1000;
  try {
    const { request, call } = await askedOf(job, url, way.out);
    await warmUp(request, way);
    const endUse = await startServerUse(url);
    const options = ["--users", `${users}`, "--duration", `${duration}s`]
      .concat(call, common);
    const { ended } = startScript("users.ts", options, signal, again);
    const summary: Summary = JSON.parse(await ended);
    const server = await endUse(summary.seconds);
    return { summary, use: { start }, server };
  } finally {
    await stop();
  }
}

/** What a server is asked, as a request and as a script's options. */
async function askedOf(
  job: string,
  url: string,
  out: string,
): Promise<{ request: Request; call: string[] }> {
  if (job !== "image") {
    const page = `${url}/health`;
    return { request: { url: page }, call: ["--url", page] };
  }
  const route = routesFor(out, "").find(({ name }) => name === "base64")!;
  const call = optionsOf(route, url);
  return { request: await requestTo(route, url), call };
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
