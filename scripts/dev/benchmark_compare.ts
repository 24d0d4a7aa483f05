/**
 * Are the verdicts of compare right, and how fast is it?
 *
 *     deno run -A scripts/dev/benchmark_compare.ts
 *     deno run -A scripts/dev/benchmark_compare.ts --only coverage --repeats 200
 *
 * Compares a style with itself (aa) and with one that is 5 % slower (planted),
 * by real calls to the embedded target, counts how many of the intervals of
 * synthetic data hold what is true (coverage), and has scripts/compare.ts read
 * two files of a million rows (speed). Prints each figure beside the one that it
 * is meant to reach; ! is missed. Takes about 25 minutes, on a machine that does
 * nothing else: other work hides what was planted.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  benchmarkCoverage,
  benchmarkPlanted,
  benchmarkSame,
  benchmarkSpeed,
  coverageSeconds,
  plantedSeconds,
  sameSeconds,
  speedSeconds,
} from "./benchmark/mod.ts";
import { choice, count, readOptions } from "../../lib/options.ts";
import { main, onInterrupt } from "../../lib/exit.ts";
import { environment, runtime } from "../../lib/runtime.ts";

const { repeats, only } = readOptions({
  repeats: count(
    undefined,
    "how often each part is repeated (default: aa 200, planted 100, " +
      "coverage 1000, speed 3)",
  ),
  only: choice(["aa", "planted", "coverage", "speed"]),
});

await main(async () => {
  const { signal, dispose } = onInterrupt();
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-benchmark-"));
  const parts = {
    aa: {
      times: repeats ?? 200,
      seconds: sameSeconds,
      run: (times: number) => benchmarkSame(times, signal),
    },
    planted: {
      times: repeats ?? 100,
      seconds: plantedSeconds,
      run: (times: number) => benchmarkPlanted(times, signal),
    },
    coverage: {
      times: repeats ?? 1000,
      seconds: coverageSeconds,
      run: benchmarkCoverage,
    },
    speed: {
      times: repeats ?? 3,
      seconds: speedSeconds,
      run: (trials: number) => benchmarkSpeed({ trials, out, signal }),
    },
  };
  const chosen = Object.entries(parts)
    .filter(([name]) => only.includes(name as keyof typeof parts))
    .map(([, part]) => part);
  const seconds = chosen.reduce(
    (sum, { times, seconds }) => sum + seconds(times),
    0,
  );
  const { cpu, cpus } = environment();
  const minutes = Math.ceil(seconds / 60);
  console.log(`${runtime}, ${cpus} x ${cpu}, about ${minutes} min`);
  try {
    for (const { times, run } of chosen) await run(times);
  } finally {
    await rm(out, { recursive: true });
    dispose();
  }
});
