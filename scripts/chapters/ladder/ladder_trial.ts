/** Attacks on a fresh webhook. */
import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, messageOf } from "../../../lib/exit.ts";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import type { Broker } from "../../../lib/queue/mod.ts";
import type { Summary } from "../../../lib/summary.ts";
import { fetchDirectly } from "../../fetch/mod.ts";
import { consumerRoute, lagFile, nameOf, profileFile } from "../names/mod.ts";
import { measure, serve, start, words } from "../run.ts";
import { amendRun, type Trial } from "../trials.ts";

/** What is attacked, and how. */
export interface Attack {
  route: string;
  /** What its rows are called, if not as the route. */
  name?: string;
  /** Requests per second, and for how many seconds. */
  rate: number;
  seconds: number;
  /** The options that say where the rows go, and whether this is the first trial. */
  rows: string[];
  trial?: number;
  /** What is behind the webhook. */
  service: string;
  /** Whether it is called before anything is measured. */
  isWarm?: boolean;
  isProfiled?: boolean;
}

/** What all attacks have in common. */
export interface Way {
  out: string;
  /** The file that is sent. */
  payload: string;
  /** How long a client waits, and how long a hand-over takes, in seconds. */
  timeout: number;
  handOver: number;
  queue: string;
  amqp?: string;
}

function queueOptions({ queue, amqp }: Way): string[] {
  return words`--queue ${queue} ${amqp ? ["--amqp", amqp] : []}`;
}

/** Starts a webhook, attacks it, and kills it whatever it still has to do. */
export async function attack(attack: Attack, way: Way): Promise<Trial> {
  const { route, name = route, rows, trial = 1, isWarm, isProfiled } = attack;
  const { out, timeout, handOver } = way;
  const rowsName = nameOf(name);
  const lag = lagFile(out, rowsName);
  if (trial === 1) rmSync(lag, { force: true });
  const server = await serve`webhook.ts ${queueOptions(way)}
    --service ${attack.service} --hand-over ${handOver}s --lag ${lag}
    ${isProfiled ? ["--profile", profileFile(out, rowsName)] : []}`;
  const url = server.url + route;
  const header = "content-type: application/json";
  try {
    if (isWarm) await wakeUp(url, way);
    const summary = await measure`attack.ts --url ${url}?id={id}
      --header ${header} --body @${way.payload} --rate ${attack.rate}
      --duration ${attack.seconds}s --timeout ${timeout}s --name ${rowsName}
      ${isWarm ? ["--warmup", warmUp(route)] : []} ${rows}`;
    return { runs: [summary], line: lineOf(name, summary) };
  } finally {
    await (isProfiled ? server.stop() : server.kill());
  }
}

const PATIENCE = 60_000;

/** The first request has all threads of a pool started. */
async function wakeUp(url: string, { payload }: Way) {
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: readFileSync(payload),
    signal: AbortSignal.timeout(PATIENCE),
  };
  for (;;) {
    const answer = await fetchDirectly(url, request).catch((error) => {
      throw new Failure(`${url} does not answer: ${messageOf(error)}`);
    });
    const said = await answer.text();
    if (answer.ok) return;
    // On a busy machine the first connection may take longer than its patience.
    if (answer.status !== 503) {
      throw new Failure(`${url} answers ${answer.status}: ${said}`);
    }
    await sleep(100);
  }
}

/** Enough to reach each thread, if not all wait for the event loop. */
function warmUp(route: string): string {
  return /^\/(blocking|client-per-request)$/.test(route) ? "20" : "200";
}

function lineOf(name: string, summary: Summary): string {
  const { success, throughput, response, doubts = [] } = summary;
  return `${name.padEnd(22)} ${(success * 100).toFixed(1).padStart(5)} % OK, ` +
    `${formatNumber(throughput)}/s, p50 ${formatSeconds(response?.p50)}, ` +
    `p99 ${formatSeconds(response?.p99)}` +
    doubts.map((doubt) => `\n    ${doubt}`).join("");
}

/** The shortest time in which one process can send all requests, in seconds. */
const MOMENT = 0.1;

/**
 * Sends `atOnce` requests to a service that takes `limit` calls each second, and
 * measures the consumer too if the route only fills the queue. Adds what the
 * service counted, and what was left in the queue.
 */
export async function callAtOnce(
  { route, rows, trial, atOnce, limit, target }: {
    route: string;
    rows: string[];
    trial: number;
    atOnce: number;
    limit: number;
    /** The URL of the target, which is the service. */
    target: string;
  },
  way: Way,
  channel: Broker["channel"],
): Promise<Trial> {
  const key = `${route}-${trial}`;
  const service = `${target}/limited?limit=${limit}&window=sliding-log` +
    `&delay=100ms&key=${key}`;
  // It ends with the last call, or when no more come. Warm connections keep calls
  // from coming late, and then too close together.
  const consumer = route === "/queued"
    ? start`consumer.ts ${queueOptions(way)} --name ${nameOf(consumerRoute)}
        --rate ${limit} --calls ${atOnce} --idle 30s --json ${rows}
        --url ${target}/delay/100 --warmup 50`
    : undefined;
  await consumer?.said("waiting for messages");
  const burst = { rate: atOnce / MOMENT, seconds: MOMENT };
  const attacked = await attack({ route, ...burst, rows, trial, service }, way);
  const said = await consumer?.ended;
  const stats = await fetchDirectly(`${target}/stats?key=${key}`);
  const more = { service: await stats.json() };
  if (said === undefined) return { ...attacked, more };

  const consumed: Summary = JSON.parse(said);
  const { messageCount: left } = await channel.checkQueue(way.queue);
  await channel.purgeQueue(way.queue);
  amendRun(way.out, consumed, { left });
  const { ok, seconds } = consumed;
  return {
    runs: [...attacked.runs, consumed],
    more,
    line: `${attacked.line}\n${"  its consumer".padEnd(22)} ${ok} calls in ` +
      `${formatSeconds(seconds)}, ${more.service.rejected} refused, ` +
      `${left} left`,
  };
}
