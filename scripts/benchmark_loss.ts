/**
 * Is anything lost of what was measured, whatever happens?
 *
 *     deno run -A scripts/benchmark_loss.ts
 *     deno run -A scripts/benchmark_loss.ts --only files --rounds 20 --seed 7
 *
 * Kills scripts (files) at moments that the seed decides on, and counts what had
 * ended more than 100 ms before and has no row. Prints a line for each script,
 * where ! is something lost, and ends with 1 if anything was. The first line says
 * how long it takes.
 *
 * A script that other work keeps from a processor for 100 ms has lost what it had
 * no time to write: run it on a machine that does nothing else, or ahead of all
 * else, by "chrt --rr 10" on Linux.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { benchmarkKills, killsSeconds } from "../lib/benchmark/kills.ts";
import { someOf } from "../lib/benchmark/parts.ts";
import { main } from "../lib/failure.ts";
import { onInterrupt } from "../lib/interrupt.ts";
import { count, readOptions } from "../lib/options.ts";
import { environment, runtime } from "../lib/runtime.ts";

const { rounds, seed, only } = readOptions({
  rounds: count(200, "how often something is killed"),
  seed: count(1, "decides on the moments, the first of many", 0),
  only: someOf(["files"]),
});

await main(async () => {
  const { signal, dispose } = onInterrupt();
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-benchmark-"));
  const parts = {
    files: { run: benchmarkKills, seconds: killsSeconds(rounds) },
  };
  const chosen = only.map((part) => parts[part]);
  const seconds = chosen.reduce((sum, { seconds }) => sum + seconds, 0);
  const { cpu, cpus } = environment();
  const minutes = Math.ceil(seconds / 60);
  console.log(`${runtime}, ${cpus} x ${cpu}, about ${minutes} min`);
  try {
    for (const { run } of chosen) await run({ rounds, seed, out, signal });
  } finally {
    await rm(out, { recursive: true });
    dispose();
  }
});
