/** Many requests at nearly the same moment, for a service that takes few. */
import type { Broker } from "../../../lib/queue/mod.ts";
import { formatSeconds } from "../../../lib/format.ts";
import type { Series } from "../interleave.ts";
import { fetchDirectly } from "../../fetch/mod.ts";
import { amendRun } from "../../../lib/results.ts";
import type { Summary } from "../../../lib/summary.ts";
import { attack, queueOptions, type Way } from "./ladder_attack.ts";
import { consumerRoute, nameOf } from "../names/mod.ts";

export interface AtOnce {
  route: string;
  series: Series;
  /** How many requests, and how many calls the service takes each second. */
  requests: number;
  limit: number;
  /** The URL of the target, which is the service. */
  target: string;
  /** Whether the requests only get into the queue. */
  isQueued: boolean;
}

/** As near to the same moment as one process can send them, in seconds. */
const MOMENT = 0.1;

/**
 * Measures a route, and the consumer behind it if it is queued, and writes down
 * what the service counted, and what was left in the queue.
 */
export async function callAtOnce(
  { route, series, requests, limit, target, isQueued }: AtOnce,
  way: Way,
  { channel }: Broker,
) {
  const { out } = way;
  const { trial } = series;
  const key = `${route}-${trial}`;
  const service = `${target}/limited?limit=${limit}&window=sliding-log` +
    `&delay=100ms&key=${key}`;
  const consumer = isQueued ? startConsumer() : undefined;
  await consumer?.said("waiting for messages");
  const burst = { rate: requests / MOMENT, seconds: MOMENT };
  const summary = await attack({ route, ...burst, trial, service }, way);
  const consumed: Summary | undefined = consumer &&
    JSON.parse(await consumer.ended);
  const stats = await fetchDirectly(`${target}/stats?key=${key}`);
  const counted = await stats.json();
  amendRun(out, summary, { series, service: counted });
  if (!consumed) return;
  const { messageCount: left } = await channel.checkQueue(way.queue);
  await channel.purgeQueue(way.queue);
  amendRun(out, consumed, { series, service: counted, left });
  console.log(
    `${"  its consumer".padEnd(22)} ${consumed.ok} calls in ` +
      `${formatSeconds(consumed.seconds)}, ${counted.rejected} refused, ` +
      `${left} left`,
  );

  function startConsumer() {
    return way.start("consumer.ts", [
      ...queueOptions(way),
      ...["--rate", String(limit), "--name", nameOf(consumerRoute)],
      ...["--out", out, "--json", ...trial > 1 ? ["--append"] : []],
      // It ends with the last of them, or else when no more come.
      ...["--calls", String(requests), "--idle", "30s"],
      // Calls that first have to connect come late, and then too close.
      ...["--url", `${target}/delay/100`, "--warmup", "50"],
    ]);
  }
}
