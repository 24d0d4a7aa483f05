/** Many requests at nearly the same moment, for a service that takes few. */
import type { Broker } from "../../../lib/queue/mod.ts";
import { formatSeconds } from "../../../lib/format.ts";
import { amendRun, type Trial } from "../trials.ts";
import { fetchDirectly } from "../../fetch/mod.ts";
import { start } from "../run.ts";
import type { Summary } from "../../../lib/summary.ts";
import { attack, queueOptions, type Way } from "./ladder_attack.ts";
import { consumerRoute, nameOf } from "../names/mod.ts";

export interface AtOnce {
  route: string;
  trial: number;
  append: string[];
  /** How many requests, and how many calls the service takes each second. */
  atOnce: number;
  limit: number;
  /** The URL of the target, which is the service. */
  target: string;
}

/** As near to the same moment as one process can send them, in seconds. */
const MOMENT = 0.1;

/**
 * Measures a route, and the consumer behind it if it only fills the queue, with
 * what the service counted, and what was left in the queue.
 */
export async function callAtOnce(
  { route, trial, append, atOnce, limit, target }: AtOnce,
  way: Way,
  channel: Broker["channel"],
): Promise<Trial> {
  const key = `${route}-${trial}`;
  const service = `${target}/limited?limit=${limit}&window=sliding-log` +
    `&delay=100ms&key=${key}`;
  // The consumer ends with the last of them, or else when no more come. Calls that
  // first have to connect come late, and then too close.
  const consumer = route === "/queued"
    ? start`consumer.ts ${queueOptions(way)} --name ${nameOf(consumerRoute)}
        --rate ${limit} --calls ${atOnce} --idle 30s
        --url ${target}/delay/100 --warmup 50 --out ${way.out} --json ${append}`
    : undefined;
  await consumer?.said("waiting for messages");
  const burst = { rate: atOnce / MOMENT, seconds: MOMENT };
  const { runs, line } = await attack(
    { route, ...burst, append, service },
    way,
  );
  const consumed: Summary | undefined = consumer &&
    JSON.parse(await consumer.ended);
  const stats = await fetchDirectly(`${target}/stats?key=${key}`);
  const counted = await stats.json();
  if (!consumed) return { runs, more: { service: counted }, line };

  const { messageCount: left } = await channel.checkQueue(way.queue);
  await channel.purgeQueue(way.queue);
  amendRun(way.out, consumed, { left });
  return {
    runs: [...runs, consumed],
    more: { service: counted },
    line: `${line}\n${"  its consumer".padEnd(22)} ${consumed.ok} calls in ` +
      `${formatSeconds(consumed.seconds)}, ${counted.rejected} refused, ` +
      `${left} left`,
  };
}
