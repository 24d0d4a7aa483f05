/** Is a message lost where consumers are killed and RabbitMQ is restarted? */
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { Failure } from "../../../lib/exit.ts";
import { startPrivateBroker } from "../../chapters/mod.ts";
import { startProgress } from "../../../lib/recording.ts";
import { playRound, type Round } from "../soak/mod.ts";
import { judged, printLine } from "./table.ts";

const MESSAGES = 10_000;

export const queueSeconds = (rounds: number) => 10 + rounds * 35;

/** Plays rounds by their seeds; throws a {@link Failure} if a message was lost. */
export async function benchmarkQueue(
  { rounds, seed, out, signal }: {
    rounds: number;
    seed: number;
    out: string;
    signal: AbortSignal;
  },
) {
  console.log(`\nQueue: ${MESSAGES} messages in each of ${rounds} rounds, 4`);
  console.log("consumers, one killed each second, RabbitMQ restarted twice");
  const rabbit = await startPrivateBroker();
  if (!rabbit) {
    throw new Failure(
      "it needs rabbitmq-server or Docker, to start a RabbitMQ that it may " +
        "restart; --only files leaves it out",
    );
  }
  const progress = startProgress("rounds", rounds);
  const heads = ["lost", "reported", "duplicates", "kills", "restarts", "left"];
  printLine("round", heads.map((name) => `${name} `), 13);
  let isWhole = true;
  try {
    for (let round = 1; round <= rounds; round++) {
      if (signal.aborted) throw new Failure("interrupted", 130);
      const folder = await mkdtemp(path.join(out, "queue-"));
      const conditions = { rabbit, out: folder, messages: MESSAGES, signal };
      const played = await playRound({ ...conditions, seed: seed + round - 1 });
      await rm(folder, { recursive: true });
      progress.add();
      progress.clear();
      isWhole = report(round, played) && isWhole;
    }
  } finally {
    await rabbit.stop();
  }
  if (!isWhole) throw new Failure("something was lost");
}

/** Prints a line; whether nothing was lost. */
function report(
  round: number,
  { lost, called, reported, duplicates, kills, restarts, left }: Round,
): boolean {
  const isWhole = called === MESSAGES && reported === MESSAGES && left === 0;
  printLine(`${round}`, [
    judged(String(MESSAGES - called), called === MESSAGES),
    judged(String(reported), reported === MESSAGES),
    `${duplicates} `,
    `${kills} `,
    `${restarts} `,
    judged(String(left), left === 0),
  ], 13);
  if (lost.length > 0) console.error(`lost, for example: ${lost.join(", ")}`);
  return isWhole;
}
