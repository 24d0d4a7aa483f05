/** What do calls at a rate take, and how late are they, beside the peers? */
import { startScript } from "../../../lib/script.ts";
import type { Summary } from "../../../lib/summary.ts";
import type { Bench } from "./bench.ts";
import { installed, ratePeers } from "./peers.ts";
import { inTurns, judged, milliseconds, printLine } from "./tables.ts";

const RATES = [500, 2000, 5000];
const SECONDS = 5;
/** Two threads' clocks may differ by this, in seconds. */
const EARLIER = 0.0005;

export const rateSeconds = (trials: number) =>
  RATES.length * 3 * (SECONDS + 1) * trials;

export async function benchmarkRate(bench: Bench, url: string) {
  console.log("\nRate: service times and lateness, in ms");
  console.log("goals: p50 <= and p99 <= 2 x those of vegeta, lateness p99 < 1");
  console.log(
    "up to 2000/s, none early, nothing unsent, rate within 0.1 %; ! is not",
  );
  const peers = installed(ratePeers);
  const columns = ["p50", "p99", "late min", "late p99", "unsent", "rate off"];
  printLine("calls/s", columns.map((name) => `${name} `), 12);
  for (const rate of RATES) await report(rate);

  async function report(rate: number) {
    const work = { ...bench, url, seconds: SECONDS };
    const names = ["attack.ts", ...peers.map(([name]) => name)];
    const figures = await inTurns(names, bench.trials, async (name) => {
      const peer = ratePeers[name];
      if (!peer) return await attackAt(rate);
      const { p50, p99 } = await peer(work, rate);
      return [p50, p99];
    });
    const { vegeta } = figures;
    const [p50, p99, early, late, unsent, off] = figures["attack.ts"] as Own;
    const most = vegeta ?? [Infinity, Infinity];
    printLine(`${rate} attack.ts`, [
      judged(milliseconds(p50), p50 <= most[0]!),
      judged(milliseconds(p99), p99 <= 2 * most[1]!),
      judged(milliseconds(early), early > -EARLIER),
      judged(milliseconds(late), late < 0.001 || rate > 2000),
      judged(String(unsent), unsent === 0),
      judged(`${(off * 100).toFixed(3)} %`, off <= 0.001),
    ], 12);
    for (const [name] of peers) {
      const cells = figures[name]!.map((time) => `${milliseconds(time)} `);
      printLine(`${rate} ${name}`, cells, 12);
    }
  }

  type Own = [number, number, number, number, number, number];

  async function attackAt(rate: number): Promise<Own> {
    const { out, signal } = bench;
    const stdout = await startScript("attack.ts", [
      ...["--url", url, "--rate", String(rate), "--duration", `${SECONDS}s`],
      ...["--warmup", String(rate), "--out", out, "--json"],
    ], signal).ended;
    const summary: Summary = JSON.parse(stdout);
    const { elapsed, lateness, unsent, rate: achieved = 0 } = summary;
    const off = Math.abs(achieved / rate - 1);
    const { min, p99 } = lateness!;
    return [elapsed!.p50, elapsed!.p99, min, p99, unsent, off];
  }
}
