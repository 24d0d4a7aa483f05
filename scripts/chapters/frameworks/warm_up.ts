/** Calls that warm a fresh server up before it is measured. */
import { median } from "d3-array";
import {
  type Client,
  createClient,
  type Request,
} from "../../../lib/client.ts";
import { Failure } from "../../../lib/exit.ts";
import { formatSeconds } from "../../../lib/format.ts";

/** How long a call may take, in seconds. */
export const TIMEOUT = 30;
/** Calls, one after another, whose median is one figure. */
const BATCH = 20;
/** When of this many batches in a row none is faster... */
const STILL = 3;
/** ...by this share than the fastest before them, the latency is steady. */
const FASTER = 0.05;
const MOST_SECONDS = 10;

/**
 * Calls until the latency stops falling. After 10 s it gives up, and resolves to a
 * doubt about the trial.
 *
 * @throws {Failure} if an answer is not a picture
 */
export async function warmUp(
  request: Request,
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = createClient(TIMEOUT);
  signal.addEventListener("abort", client.abort);
  const end = performance.now() + MOST_SECONDS * 1000;
  const medians: number[] = [];
  try {
    while (!isSteady(medians)) {
      if (performance.now() > end) return notWarm(medians);
      const times: number[] = [];
      while (times.length < BATCH) {
        times.push(await callForPicture(client, request));
      }
      medians.push(median(times)!);
    }
  } finally {
    signal.removeEventListener("abort", client.abort);
    await client.close();
  }
}

/**
 * Makes one call and resolves to how long it took, in seconds.
 *
 * @throws {Failure} if the answer is anything but a picture
 */
export async function callForPicture(
  client: Client,
  request: Request,
): Promise<number> {
  const { status, headers, error, elapsed } = await client.call(request);
  const type = String(headers["content-type"] ?? "no type");
  if (status === 200 && !error && type.startsWith("image/")) return elapsed!;
  throw new Failure(
    `${request.url} answers ${error || `${status} and ${type}`}, and not 200 ` +
      "and a picture; each server needs the three routes of " +
      "scripts/servers/bare.ts, or --only with those that it has",
  );
}

/** Whether none of the last medians is lower than all before them. */
export function isSteady(medians: number[]): boolean {
  const before = Math.min(...medians.slice(0, -STILL));
  const latest = Math.min(...medians.slice(-STILL));
  return medians.length > STILL && latest >= (1 - FASTER) * before;
}

function notWarm(medians: number[]): string {
  const [first, last] = [medians[0], medians.at(-1)];
  return `the server was not warm after ${MOST_SECONDS} s of calls: their ` +
    `median went from ${formatSeconds(first)} to ${formatSeconds(last)}, and ` +
    "was still falling";
}
