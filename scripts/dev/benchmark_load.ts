/**
 * Are the figures of attack and users true, and what do the two cost?
 *
 *     deno run -A scripts/dev/benchmark_load.ts
 *     deno run -A scripts/dev/benchmark_load.ts --only rate,users --trials 5
 *
 * Measures servers whose law is known, and one that answers at once: an nginx of
 * its own, called in turn by vegeta, hey and wrk where they are installed. Prints
 * medians, for the runtime that it is run with, beside the figures that they are
 * meant to reach. The first line says how long it takes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  benchmarkKnownTruth,
  benchmarkMemory,
  benchmarkRate,
  benchmarkUsers,
  knownTruthSeconds,
  memorySeconds,
  rateSeconds,
  startInstant,
  usersSeconds,
} from "./benchmark/mod.ts";
import { choice, count, readOptions } from "../../lib/options.ts";
import { main, onInterrupt } from "../../lib/exit.ts";
import { environment, runtime } from "../../lib/runtime.ts";

const options = readOptions({
  trials: count(3, "how often each is measured"),
  only: choice(["known-truth", "rate", "users", "memory"]),
  rows: count(5_000_000, "rows until which memory is watched", 100_000),
});
const { trials, rows, only } = options;
const has = (part: (typeof only)[number]) => only.includes(part);

await main(async () => {
  const seconds = (has("known-truth") ? knownTruthSeconds(trials) : 0) +
    (has("rate") ? rateSeconds(trials) : 0) +
    (has("users") ? usersSeconds(trials) : 0) +
    (has("memory") ? memorySeconds(rows) : 0);
  const { cpu, cpus } = environment();
  console.log(
    `${runtime}, ${cpus} x ${cpu}, medians of ${trials}, ` +
      `about ${Math.ceil(seconds / 60)} min`,
  );
  const { signal, dispose } = onInterrupt();
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-benchmark-"));
  const bench = { trials, out, signal };
  try {
    if (has("known-truth")) await benchmarkKnownTruth(bench);
    if (!only.some((part) => part !== "known-truth")) return;
    const server = await startInstant();
    try {
      if (has("rate")) await benchmarkRate(bench, server.url);
      if (has("users")) await benchmarkUsers(bench, server.url);
      if (has("memory")) await benchmarkMemory(bench, server.url, rows);
    } finally {
      await server.stop();
    }
  } finally {
    await rm(out, { recursive: true });
    dispose();
  }
});
