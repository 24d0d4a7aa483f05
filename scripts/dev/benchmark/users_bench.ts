/** How many calls a second do users make without think time, beside the peers? */
import process from "node:process";
import { startScript } from "../../../lib/script.ts";
import type { Bench } from "./bench.ts";
import { installed, userPeers } from "./peers.ts";
import { inTurns, printLine } from "./tables.ts";

const USERS = 64;
const SECONDS = 5;

export const usersSeconds = (trials: number) => 4 * (SECONDS + 1) * trials;

/** In runs in which the peers reach theirs. */
const goals = { deno: 30_000, node: 45_000, bun: 50_000 };
const peerRates: Record<string, string> = {
  vegeta: "34,000",
  hey: "44,000",
  wrk: "130,000 to 180,000",
};

const goal = process.versions.deno
  ? goals.deno
  : process.versions.bun
  ? goals.bun
  : goals.node;

export async function benchmarkUsers(bench: Bench, url: string) {
  console.log(`\nUsers: calls a second of ${USERS}, each row written`);
  const peers = installed(userPeers);
  const names = ["users.ts", ...peers.map(([name]) => name)];
  const work = { ...bench, url, seconds: SECONDS };
  const figures = await inTurns(names, bench.trials, async (name) => {
    const peer = userPeers[name];
    return [peer ? await peer(work, USERS) : await throughput()];
  });

  const [own] = figures["users.ts"]!;
  const columns = ["calls/s", "goal where", "ratio", "goal"];
  printLine("", columns, 20);
  printLine("users.ts", [whole(own!), whole(goal)], 20);
  for (const [name] of peers) {
    const [least = 0, most = least] = peerRates[name]!.split(" to ")
      .map((text) => Number(text.replace(",", "")));
    const ratios = [goal / most, goal / least].map((ratio) => ratio.toFixed(2));
    printLine(name, [
      whole(figures[name]![0]!),
      peerRates[name]!,
      (own! / figures[name]![0]!).toFixed(2),
      [...new Set(ratios)].join(" to "),
    ], 20);
  }

  async function throughput(): Promise<number> {
    const { out, signal } = bench;
    const stdout = await startScript("users.ts", [
      ...["--url", url, "--users", String(USERS), "--duration", `${SECONDS}s`],
      ...["--out", out, "--json"],
    ], signal).ended;
    return JSON.parse(stdout).throughput;
  }
}

const whole = (value: number) => Math.round(value).toLocaleString("en-US");
