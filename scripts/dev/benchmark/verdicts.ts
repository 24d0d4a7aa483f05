/** How often is a difference claimed where there is none, and where there is one? */
import { setTimeout as sleep } from "node:timers/promises";
import { range } from "d3-array";
import { type Client, createClient } from "../../../lib/client.ts";
import { Failure } from "../../../lib/exit.ts";
import {
  compareBy,
  type Comparison,
  figures,
  formatShare,
} from "../../../notebooks/kit/comparison/mod.ts";
import { interleave } from "../../chapters/mod.ts";
import { startProgress } from "../../../lib/recording.ts";
import { startServer } from "../../../lib/script.ts";
import { startSummary, type Summary } from "../../../lib/summary.ts";
import { judged, printLine } from "./tables.ts";

/** How the sides of each repeat are measured. */
interface Plan {
  label: string;
  repeats: number;
  /** Of each side. */
  trials: number;
  /** In each trial. */
  calls: number;
  signal: AbortSignal;
}

const SAME = { label: "aa", trials: 5, calls: 20 };
const PLANTED = { label: "planted", trials: 10, calls: 200 };
const WARMUPS = 10;
const AT_ONCE = 5;
const MILLISECONDS_BETWEEN = 3;

/** A trial takes as long as its slowest call. */
export const sameSeconds = (repeats: number) => repeats * 10 * 0.2;
export const plantedSeconds = (repeats: number) => repeats * 20 * 0.43;

/** One style against itself: by chance alone. */
export async function benchmarkSame(repeats: number, signal: AbortSignal) {
  const { trials, calls } = SAME;
  console.log(`\nA/A: one style twice, ${trials} + ${trials} trials`);
  console.log(`of ${calls} calls, compared ${repeats} times`);
  const target = await startServer("target.ts");
  try {
    const plan = { ...SAME, repeats, signal };
    const found = await repeat(plan, target.url, target.url);
    const claiming = found.filter((each) => [...each.values()].some(isClaim));
    const share = claiming.length / repeats;
    printGoal("claims a difference", share, "5 % or fewer", share <= 0.05);
    for (const { name } of figures) {
      const claims = found.filter((each) => isClaim(each.get(name)!));
      printLine(`  of ${name}`, [`${formatShare(claims.length / repeats)} `]);
    }
  } finally {
    await target.stop();
  }
}

/** Calls of the same numbers, each of which takes 5 % longer on one side. */
export async function benchmarkPlanted(repeats: number, signal: AbortSignal) {
  const { trials, calls } = PLANTED;
  console.log(
    `\nPlanted: medians of 60 and 63 ms, ${trials} + ${trials} trials`,
  );
  console.log(`of ${calls} calls, compared ${repeats} times`);
  const target = await startServer("target.ts", "--median", "60ms");
  const slower = await startServer("target.ts", "--median", "63ms");
  try {
    const plan = { ...PLANTED, repeats, signal };
    const found = await repeat(plan, target.url, slower.url);
    const higher = found
      .filter((each) => each.get("p50")!.verdict === "higher");
    const share = higher.length / repeats;
    printGoal("finds it in p50", share, "95 % or more", share >= 0.95);
  } finally {
    await Promise.all([target.stop(), slower.stop()]);
  }
}

/** What each repeat found, as scripts/compare.ts would. */
async function repeat(
  { label, repeats, trials, calls, signal }: Plan,
  a: string,
  b: string,
): Promise<Map<string, Comparison>[]> {
  const client = createClient(30);
  const progress = startProgress(label, repeats * trials * 2);
  try {
    for (const url of range(WARMUPS).flatMap(() => [a, b])) {
      await measureTrial(client, url, calls);
    }
    const found: Map<string, Comparison>[] = [];
    while (found.length < repeats) {
      // Not by their URLs, which may be the same one.
      const measured = { a: [] as Summary[], b: [] as Summary[] };
      const seed = found.length + 1;
      for (const { thing } of interleave(["a", "b"] as const, trials, seed)) {
        if (signal.aborted) throw new Failure("interrupted", 130);
        const url = { a, b }[thing];
        measured[thing].push(await measureTrial(client, url, calls));
        progress.add();
      }
      found.push(compareBy(measured.a, measured.b));
    }
    return found;
  } finally {
    progress.clear();
    await client.close();
  }
}

/**
 * Nobody's call waits for another's, as in scripts/async.ts. But hundreds at the
 * same moment would queue at the client for milliseconds, each time others, and
 * their median is the answer to one moment: a few at a time tell more.
 */
async function measureTrial(
  client: Client,
  url: string,
  calls: number,
): Promise<Summary> {
  const { add, end } = startSummary({ unique: true });
  const begun = performance.now();
  const made: Promise<void>[] = [];
  // The slowest of the target's first 200 is one of the last: it begins early.
  for (const id of range(calls, 0, -1)) {
    made.push(make(id));
    if (id % AT_ONCE === 0) await sleep(MILLISECONDS_BETWEEN);
  }
  await Promise.all(made);
  return end((performance.now() - begun) / 1000, calls);

  async function make(id: number) {
    const timing = await client.call({ url: `${url}/?id=${id}` });
    add({ ...timing, name: "", run: "", id: String(id) });
  }
}

function isClaim({ verdict }: Comparison): boolean {
  return verdict === "lower" || verdict === "higher";
}

function printGoal(name: string, share: number, goal: string, holds: boolean) {
  printLine(name, [judged(formatShare(share), holds), `goal: ${goal}`]);
}
