/** One attack on a fresh webhook. */
import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, messageOf } from "../../../lib/exit.ts";
import { fetchDirectly } from "../../fetch/mod.ts";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import { run, serve, words } from "../run.ts";
import type { Summary } from "../../../lib/summary.ts";
import { lagFile, nameOf, profileFile } from "../names/mod.ts";

/** What is attacked, and how. */
export interface Attack {
  route: string;
  /** What its rows are called, if not as the route. */
  name?: string;
  /** Requests per second, and for how many seconds. */
  rate: number;
  seconds: number;
  /** Has the rows added to those of earlier trials, or else replace them. */
  append?: string[];
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

/** The options by which a script finds the queue. */
export function queueOptions({ queue, amqp }: Way): string[] {
  return words`--queue ${queue} ${amqp ? ["--amqp", amqp] : []}`;
}

/** Attacks a webhook, and then kills it with all that it has still to do. */
export async function attack(
  attack: Attack,
  way: Way,
): Promise<{ runs: [Summary]; line: string }> {
  const { route, name = route, append = [], service, isProfiled } = attack;
  const { out, timeout, handOver } = way;
  const rows = nameOf(name);
  const lag = lagFile(out, rows);
  if (append.length === 0) rmSync(lag, { force: true });
  const server = await serve`webhook.ts ${queueOptions(way)}
    --service ${service} --hand-over ${handOver}s --lag ${lag}
    ${isProfiled ? ["--profile", profileFile(out, rows)] : []}`;
  const url = server.url + route;
  try {
    const { rate, seconds, isWarm } = attack;
    if (isWarm) await wakeUp(url, way);
    const header = "content-type: application/json";
    const summary: Summary = JSON.parse(
      await run`attack.ts --url ${url}?id={id} --body @${way.payload}
        --header ${header} --rate ${rate} --duration ${seconds}s
        --timeout ${timeout}s --name ${rows} --out ${out} --json
        ${isWarm ? ["--warmup", warmUp(route)] : []} ${append}`,
    );
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
    if (answer.status === 503) {
      await sleep(100);
      continue;
    }
    throw new Failure(`${url} answers ${answer.status}: ${said}`);
  }
}

/** So many that they reach each thread, if not all wait for the event loop. */
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
