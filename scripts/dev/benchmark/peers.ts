/** The programs that the scripts are compared with; any of them may be missing. */
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { quantile } from "d3-array";

const execute = promisify(execFile);

/** Where a program is, if it is installed. */
export function find(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return [...folders, "/usr/local/sbin", "/usr/sbin"]
    .map((folder) => path.join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Work {
  url: string;
  seconds: number;
  /** A folder for files. */
  out: string;
  signal: AbortSignal;
}

/** Service times, in seconds. */
export interface Latencies {
  p50: number;
  p99: number;
}

async function run(program: string, options: string[], { signal }: Work) {
  const maxBuffer = 2 ** 28;
  const { stdout } = await execute(program, options, { signal, maxBuffer });
  return stdout;
}

/** What a rate's calls took, by each program that can keep one. */
export const ratePeers = {
  async vegeta(work: Work, rate: number): Promise<Latencies> {
    const { latencies } = await vegeta(work, ["-rate", String(rate)]);
    return { p50: latencies["50th"]! / 1e9, p99: latencies["99th"]! / 1e9 };
  },
  async hey(work: Work, rate: number): Promise<Latencies> {
    const load = ["-z", `${work.seconds}s`, "-q", String(rate), "-c", "1"];
    const csv = await run("hey", [...load, "-o", "csv", work.url], work);
    const times = csv.trim().split("\n").slice(1).map((line) =>
      Number(line.split(",", 1)[0])
    );
    return { p50: quantile(times, 0.5)!, p99: quantile(times, 0.99)! };
  },
} as Record<string, (work: Work, rate: number) => Promise<Latencies>>;

/** How many calls a second so many users make, by each program. */
export const userPeers = {
  async vegeta(work: Work, users: number): Promise<number> {
    const load = ["-rate", "0", "-max-workers", String(users)];
    return (await vegeta(work, load)).throughput;
  },
  async hey(work: Work, users: number): Promise<number> {
    const load = ["-z", `${work.seconds}s`, "-c", String(users)];
    return perSecond(await run("hey", [...load, work.url], work));
  },
  async wrk(work: Work, users: number): Promise<number> {
    const load = ["-t", "1", "-c", String(users), "-d", `${work.seconds}s`];
    return perSecond(await run("wrk", [...load, work.url], work));
  },
} as Record<string, (work: Work, users: number) => Promise<number>>;

/** hey and wrk say it in the same words. */
function perSecond(text: string): number {
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
}

/** Its report, where latencies are in nanoseconds. */
async function vegeta(
  work: Work,
  load: string[],
): Promise<{ latencies: Record<string, number>; throughput: number }> {
  const targets = path.join(work.out, "vegeta.txt");
  const results = path.join(work.out, "vegeta.bin");
  await writeFile(targets, `GET ${work.url}\n`);
  const files = ["-targets", targets, "-output", results];
  const attack = ["attack", ...load, "-duration", `${work.seconds}s`];
  await run("vegeta", [...attack, ...files], work);
  return JSON.parse(
    await run("vegeta", ["report", "-type", "json", results], work),
  );
}

/** Which of them are installed; of the others it says so. */
export function installed<Peer>(
  peers: Record<string, Peer>,
): [string, Peer][] {
  return Object.entries(peers).filter(([name]) => {
    const found = find(name);
    if (!found) console.log(`skipped ${name}: it is not installed`);
    return found;
  });
}
