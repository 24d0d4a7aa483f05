/** Consumers that are killed each second, and a RabbitMQ that is restarted. */
import { setTimeout as sleep } from "node:timers/promises";
import { uniform } from "../../servers/target/mod.ts";
import { type PrivateBroker, restart } from "../../chapters/mod.ts";
import { readQueue } from "../../../notebooks/kit/trials/mod.ts";
import { type Balance, balance } from "./balance.ts";
import { names, play } from "./stage.ts";

export interface Round extends Balance {
  /** How many different messages the report finds, and how many are missing. */
  reported: number;
  missing: number;
  kills: number;
  restarts: number;
  /** Messages that were left in the queue or among the dead letters. */
  left: number;
  seconds: number;
}

const CONSUMERS = 4;
/** Which kills come with a restart of RabbitMQ, each at random from these. */
const RESTARTS = [[1, 2, 3], [5, 6, 7]];

/** Plays one round. The seed decides what breaks, and how long after what. */
export async function playRound(
  { rabbit, out, messages, seed, signal, ...given }: {
    rabbit: PrivateBroker;
    out: string;
    messages: number;
    /** How often RabbitMQ is restarted; twice by default. */
    restarts?: number;
    seed: number;
    signal: AbortSignal;
  },
): Promise<Round> {
  let drawn = 0;
  const random = () => uniform(seed, drawn++);
  const oneOf = <T>(list: T[]) => list[Math.floor(random() * list.length)]!;
  const restartAt = RESTARTS.slice(0, given.restarts).map(oneOf);
  const begun = performance.now();
  let kills = 0;
  let restarts = 0;

  const { left, producer } = await play({
    ...{ rabbit, out, messages, signal },
    ...{ consumers: CONSUMERS, concurrency: 10, delay: 50, idle: 3 },
  }, async ({ consumers, isDrained }) => {
    let restarting = Promise.resolve();
    while (!signal.aborted && !await isDrained().catch(() => false)) {
      await sleep((0.5 + random()) * 1000);
      if (restartAt.includes(kills)) {
        restarts++;
        restarting = restarting.then(() => restart(rabbit));
      }
      oneOf(consumers).script?.kill();
      kills++;
    }
    await restarting;
  });
  const [trial] = readQueue(out, names.consumers).trials;
  const { calls = 0, unsent = messages } = trial?.summary ?? {};
  return {
    ...balance(out, producer),
    reported: calls - unsent,
    missing: unsent,
    ...{ kills, restarts, left },
    seconds: (performance.now() - begun) / 1000,
  };
}
