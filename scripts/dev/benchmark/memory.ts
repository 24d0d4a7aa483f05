/** Does memory stay the same however many rows there are? */
import { execFile } from "node:child_process";
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { fstatSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { max } from "d3-array";
import { resultFiles } from "../../../lib/results.ts";
import { header } from "../../../lib/row.ts";
import { startScript } from "../../../lib/script.ts";
import type { Bench } from "./bench.ts";
import { printLine } from "./tables.ts";

const execute = promisify(execFile);

const EVERY_SECONDS = 0.25;
const MIB = 2 ** 20;

/** At about 30,000 rows a second. */
export const memorySeconds = (rows: number) => rows / 30_000;

/** Ends users.ts as soon as it has written so many rows. */
export async function benchmarkMemory(
  { out, signal }: Bench,
  url: string,
  rows: number,
) {
  console.log("\nMemory: resident, of users.ts, by the rows that it wrote");
  console.log("goal: flat from 100,000 rows on");
  const enough = new AbortController();
  const { ended } = startScript("users.ts", [
    ...["--url", url, "--users", "64", "--duration", "1h", "--out", out],
  ], AbortSignal.any([signal, enough.signal]));
  let over = false;
  // Ended by us it is interrupted, which is no failure.
  const end = ended.then(() => over = true, (error) => {
    over = true;
    if (!enough.signal.aborted) throw error;
  });

  const { csv } = resultFiles(out, "users");
  const samples: { rows: number; bytes: number }[] = [];
  while (!over && (samples.at(-1)?.rows ?? 0) < rows) {
    await sleep(EVERY_SECONDS * 1000);
    const written = lastId(csv);
    const bytes = await residentBytes(csv);
    if (bytes) samples.push({ rows: written, bytes });
  }
  enough.abort();
  await end;
  await rm(csv);

  const marks = [1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7];
  printLine("rows up to", ["most, MiB", "of the first"], 14);
  let first: number | undefined;
  marks.reduce((from, to) => {
    const most = max(
      samples.filter(({ rows }) => rows > from && rows <= to * 1.05),
      ({ bytes }) => bytes / MIB,
    );
    if (!most || to > rows) return to;
    first ??= most;
    const name = to.toLocaleString("en-US");
    printLine(name, [most.toFixed(1), (most / first).toFixed(2)], 14);
    return to;
  }, 0);
}

/** The number of the call in the last whole line; 0 without any. */
function lastId(csv: string): number {
  if (!existsSync(csv)) return 0;
  const file = openSync(csv, "r");
  const { size } = fstatSync(file);
  const end = new Uint8Array(Math.min(size, 4096));
  readSync(file, end, 0, end.length, size - end.length);
  closeSync(file);
  const line = new TextDecoder().decode(end).split("\n").at(-2) ?? "";
  return Number(line.split(",")[header.split(",").indexOf("id")]) || 0;
}

/** Of the process that holds the file's lock, by ps, which Unixes have. */
async function residentBytes(csv: string): Promise<number | undefined> {
  try {
    const [pid] = readFileSync(`${csv}.lock`, "utf8").split(" ");
    const { stdout } = await execute("ps", ["-o", "rss=", "-p", pid!]);
    return Number(stdout) * 1024;
  } catch {
    return undefined;
  }
}
