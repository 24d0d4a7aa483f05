/** Are measured response times those of servers whose law is known? */
import { quantile } from "d3-array";
import { attack, gate, truths } from "./known_truth.ts";
import { acceptedByBucket } from "../../servers/target/mod.ts";
import { startServer } from "../../../lib/script.ts";
import { responseTime } from "../../../lib/summary.ts";
import type { Bench } from "./bench.ts";
import { inTurns, judged, milliseconds, printLine } from "./tables.ts";

const RATES = [200, 1000, 3000];
const SECONDS = 5;
const SHARES = [0.5, 0.9, 0.99, 0.999];

/** How far from the law a time may be, in seconds. */
const allowed = (time: number) => Math.max(0.002, 0.02 * time);

export const knownTruthSeconds = (trials: number) =>
  RATES.length * 5 * (SECONDS + 2) * trials;

export async function benchmarkKnownTruth({ trials, out, signal }: Bench) {
  console.log("\nKnown truth: response times and (the law), in ms");
  console.log("goal: within 2 % or 2 ms; ! is not");
  printLine("calls/s", [
    ...["p50", "p90", "p99", "p99.9"].map((name) => `${name} `),
    "client p99 ",
  ]);
  const target = await startServer("target.ts");
  const common = { target: target.url, out, signal };
  let keys = 0;
  try {
    // Its first second is not its best.
    const once = { calls: 1000, rate: 1000, path: "/delay/1", warmup: 0 };
    await attack({ ...common, ...once });
    for (const rate of RATES) await laws(rate);
    for (const rate of RATES) await tokens(rate);
  } finally {
    await target.stop();
  }

  async function laws(rate: number) {
    const arrivals = { calls: rate * SECONDS, rate };
    const load = { ...common, ...arrivals, warmup: rate };
    const names = truths(arrivals, "").map(({ name }) => name);
    const figures = await inTurns(names, trials, async (name) => {
      const all = truths(arrivals, `trial-${++keys}`);
      const { path } = all.find((truth) => truth.name === name)!;
      const { rows } = await attack({ ...load, path });
      const times = rows.map((row) => responseTime(row)!);
      // What the server doesn't know of: it is the client's, and the network's.
      const client = rows.map((row) => responseTime(row)! - row.server!);
      return [
        ...SHARES.map((share) => quantile(times, share)!),
        quantile(client, 0.99)!,
      ];
    });
    for (const { name, law } of truths(arrivals, "")) {
      const [client, ...times] = figures[name]!.toReversed();
      const cells = times.toReversed().map((time, place) => {
        const truth = law.quantile(SHARES[place]!, arrivals);
        const text = `${milliseconds(time)} (${milliseconds(truth)})`;
        return judged(text, Math.abs(time - truth) <= allowed(truth));
      });
      printLine(`${rate} ${name}`, [...cells, `${milliseconds(client!)} `]);
    }
  }

  async function tokens(rate: number) {
    const arrivals = { calls: rate * SECONDS, rate };
    const { accepted } = await inTurns(["accepted"], trials, async () => {
      const { path } = gate(rate, `trial-${++keys}`);
      const load = { ...common, ...arrivals, path, warmup: rate };
      const { summary } = await attack(load);
      return [summary.ok];
    });
    const truth = acceptedByBucket(gate(rate, "").limit, arrivals);
    const close = Math.abs(accepted![0]! - truth) <= 0.02 * truth;
    const text = judged(`${accepted![0]} (${truth})`, close);
    printLine(`${rate} gate`, [text, "accepted"]);
  }
}
