/** Attacks on the routes of the target whose law is known. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  constant,
  type EvenLoad,
  type Law,
  single,
  stalled,
  twoPoint,
} from "../../servers/target/mod.ts";
import { resultFiles } from "../../../lib/results.ts";
import { parseRows } from "../../../notebooks/kit/rows/mod.ts";
import type { Row } from "../../../lib/row.ts";
import { run } from "../../chapters/mod.ts";
import type { Summary } from "../../../lib/summary.ts";

export interface Truth {
  name: string;
  /** What to call, as a path of the target. */
  path: string;
  law: Law;
}

/**
 * One truth for each kind of law. `key` makes a queue and a clock that nobody
 * has used: give another one each time.
 */
export function truths({ calls, rate }: EvenLoad, key: string): Truth[] {
  const points = { fast: 0.02, slow: 0.1, share: 0.05, seed: 1 };
  const service = Math.round(1.2e6 / rate) / 1e6;
  // Held back are HELD calls: to answer a thousand at once takes the target so
  // long that its law no longer holds.
  const length = HELD / rate;
  // The law is that of whole periods.
  const periods = Math.max(1, Math.round(calls / (5 * HELD)));
  const every = calls / rate / periods;
  const stall = { at: every / 2, length, every, delay: 0.01 };
  return [
    { name: "constant", path: "/delay/50", law: constant(0.05) },
    {
      name: "two-point",
      path: `/two-point?id={id}&${query(points)}`,
      law: twoPoint(points),
    },
    {
      name: "stall",
      path: `/stall?${query({ ...stall, key })}`.replace("length=", "for="),
      law: stalled(stall),
    },
    {
      name: "overload",
      path: `/single?${query({ service, key })}`,
      law: single(service),
    },
  ];
}

const HELD = 60;

/** Numbers are times in seconds, unless they are a share or a seed. */
function query(values: Record<string, number | string>): string {
  return Object.entries(values).map(([name, value]) => {
    const plain = typeof value === "string" || /share|seed/.test(name);
    return `${name}=${
      plain ? value : `${Number((value * 1000).toFixed(3))}ms`
    }`;
  }).join("&");
}

export interface Attack extends EvenLoad {
  /** The target's URL, and the path of it that is called. */
  target: string;
  path: string;
  /** Calls to another path before, which no law knows of. */
  warmup: number;
  /** The folder of the rows. */
  out: string;
}

/** Runs scripts/attack.ts; the rows come in the order of the calls. */
export async function attack(
  { calls, rate, target, path: called, warmup, out }: Attack,
  ...options: string[]
): Promise<{ summary: Summary; rows: Row[] }> {
  // Requests take turns, and those of a warm-up come after those of the calls.
  const turns = path.join(out, "turns.txt");
  const line = (path: string) => `GET ${target}${path}\n`;
  await writeFile(
    turns,
    line(called).repeat(calls) + line("/delay/1").repeat(warmup),
  );
  const stdout = await run`attack.ts --rate ${rate} --duration ${calls / rate}s
    --targets ${turns} --warmup ${warmup} --out ${out} --json ${options}`;
  const { csv } = resultFiles(out, "attack");
  const { rows } = parseRows(await readFile(csv, "utf8"));
  rows.sort((one, other) => Number(one.id) - Number(other.id));
  return { summary: JSON.parse(stdout), rows };
}

/** The gate that refuses: a bucket of half the calls that come in a second. */
export function gate(rate: number, key: string) {
  const limit = { limit: Math.round(rate / 2), per: 1 };
  const path = `/limited?window=bucket&limit=${limit.limit}&key=${key}`;
  return { limit, path };
}
