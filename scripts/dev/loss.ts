/**
 * Is anything lost of what was measured, whatever happens?
 *
 *     deno run -A scripts/dev/loss.ts
 *     deno run -A scripts/dev/loss.ts --only files --rounds 20 --seed 7
 *
 * Kills scripts (files) at moments that the seed decides on, and counts what had
 * ended more than 100 ms before and has no row. Then has four consumers call what
 * is in a queue, kills one of them each second and restarts RabbitMQ, and counts
 * the messages without a row. Prints tables, where ! is something lost, and ends
 * with 1 if anything was. The first line says how long it takes.
 *
 * A script that other work keeps from a processor for 100 ms has lost what it had
 * no time to write: run it on a machine that does nothing else, or ahead of all
 * else, by "chrt --rr 10" on Linux.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sum } from "d3-array";
import {
  benchmarkKills,
  benchmarkQueue,
  killsSeconds,
  queueSeconds,
} from "./loss/mod.ts";
import { choice, count, readOptions } from "../../lib/options.ts";
import { chapter } from "../chapters/mod.ts";
import { environment, runtime } from "../../lib/runtime.ts";

const { rounds, seed, only } = readOptions({
  rounds: count(
    undefined,
    "how many (default: 200 kills of scripts, 20 of the queue)",
  ),
  seed: count(1, "decides on the moments, the first of many", 0),
  only: choice(["files", "queue"]),
});

await chapter("nothing is kept", async (signal) => {
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-loss-"));
  const parts = {
    files: { run: benchmarkKills, seconds: killsSeconds, usual: 200 },
    queue: { run: benchmarkQueue, seconds: queueSeconds, usual: 20 },
  };
  const chosen = only.map((part) => parts[part])
    .map((part) => ({ ...part, rounds: rounds ?? part.usual }));
  const seconds = sum(chosen, ({ seconds, rounds }) => seconds(rounds));
  const { cpu, cpus } = environment();
  const minutes = Math.ceil(seconds / 60);
  console.log(`${runtime}, ${cpus} x ${cpu}, about ${minutes} min`);
  try {
    for (const { run, rounds } of chosen) {
      await run({ rounds, seed, out, signal });
    }
  } finally {
    await rm(out, { recursive: true });
  }
});
