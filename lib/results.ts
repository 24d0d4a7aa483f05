/** The files of a run: its rows, and beside them a JSON that says who made it. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { commandLine } from "./command_line.ts";
import { Failure, messageOf, say } from "./failure.ts";
import type { Series } from "./interleave.ts";
import { formatRow, header, type Row } from "./rows.ts";
import type { Distribution } from "./statistics.ts";

const datasync = promisify(fs.fdatasync);

/** One execution of a script, as the JSON beside the rows lists it. */
export interface Run {
  run: string;
  name: string;
  /** The command line, from the script's name on. */
  command: string;
  options: Record<string, unknown>;
  /** ISO 8601; there is no end if the run was killed. */
  start: string;
  end?: string;
  /** Whether somebody ended it before its time. */
  interrupted?: boolean;
  /** Calls in flight at most, by the style's rule; null is no limit. */
  concurrency: number | null;
  /** Seconds between two calls at least, by the style's rule. */
  interval?: number;
  /** Whether these two are the whole rule. */
  hasOptimum?: boolean;
  /** How many calls were due. */
  calls?: number;
  /** Whether each row is another call. */
  unique?: boolean;
  /** Why its figures are not to be trusted. */
  doubts?: string[];
  /** From the first call being due to the last one's end. */
  seconds?: number;
  /** The command line of the script that had it made, as one of many. */
  by?: string;
  /** The interleaved trials that it was one of. */
  series?: Series;
  /** Processor time of the whole script, in seconds per second. */
  cpu?: number;
  /** What the server took meanwhile, by its own account. */
  server?: ServerUse;
  /** The highest rate that the server held. */
  highest?: Highest;
  /** What a service with a limit counted, which was called because of the run. */
  service?: { accepted: number; rejected: number };
  /** Messages that were left in the queue. */
  left?: number;
  environment: Record<string, string | number>;
}

/** What a server took while it was measured. */
export interface ServerUse {
  /** Processor time, in seconds per second. */
  cpu: number;
  /** The most memory that it ever had, in bytes. */
  memory: number;
  /** How much later than due its event loop came round, in seconds. */
  lag?: Distribution;
}

/** What a search for the highest rate that holds a rule came to. */
export interface Highest {
  /** As in `p99<200ms and success>=0.99`. */
  find: string;
  /** Requests per second; not there if the rule held at none. */
  held?: number;
  /** The lowest rate at which the rule broke; not there if it never did. */
  broken?: number;
  /** Whether the generator, and not the server, ended the search. */
  limited: boolean;
}

/** A run's CSV, while it is written. */
export interface Results {
  file: string;
  write(row: Row): void;
  /** Puts what was written on the disk; resolves when it is there. */
  sync(): Promise<void>;
  /** Adds or replaces the run in the JSON. */
  save(run: Run): void;
  close(): void;
}

/** The CSV and the JSON of a name; a slash in it is a dash in the file's. */
export function resultFiles(folder: string, name: string) {
  const stem = path.join(folder, `metrics_${name.replaceAll("/", "-")}`);
  return { csv: `${stem}.csv`, json: `${stem}.json` };
}

const FLUSH_MILLISECONDS = 50;
const FLUSH_ROWS = 256;

/**
 * Opens the files of `name` for one run, and holds them against any other. Rows
 * reach the file at most 100 ms after they are written, so that a killed run
 * leaves every finished call.
 */
export function openResults(
  folder: string,
  name: string,
  append: boolean,
): Results {
  const { csv, json } = resultFiles(folder, name);
  let descriptor: number;
  let unlock = () => {};
  let runs: Run[] = [];
  try {
    fs.mkdirSync(folder, { recursive: true });
    unlock = lock(csv);
    if (append) runs = readRuns(json);
    descriptor = fs.openSync(csv, append ? "a+" : "w");
  } catch (error) {
    unlock();
    if (error instanceof Failure) throw error;
    throw new Failure(
      `--out ${folder} can't be written (${messageOf(error)}); ` +
        "name a folder that can",
    );
  }

  const pending: Row[] = [];
  let start = "";
  const size = fs.fstatSync(descriptor).size;
  if (size === 0) start = header + "\n";
  else {
    const old = Buffer.alloc(Math.min(size, header.length + 1));
    fs.readSync(descriptor, old, 0, old.length, 0);
    if (old.toString() !== header + "\n") {
      fs.closeSync(descriptor);
      unlock();
      throw new Failure(`${csv} has other columns; --append can't add to it`);
    }
    // A killed run may have torn its last line. Ours starts on a line of its own,
    // and the torn one gets a cell that keeps it from being read as whole.
    fs.readSync(descriptor, old, 0, 1, size - 1);
    if (old[0] !== "\n".charCodeAt(0)) start = ",torn\n";
  }

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    const lines = pending.splice(0).map((row) => formatRow(row) + "\n");
    const bytes = Buffer.from(start + lines.join(""));
    start = "";
    let written = 0;
    try {
      while (written < bytes.length) {
        written += fs.writeSync(descriptor, bytes, written);
      }
    } catch (error) {
      const lost = bytes.subarray(written).toString().trimEnd().split("\n");
      // Called by a timer, so that nobody can catch it: the run ends here.
      say(
        `${csv}: ${messageOf(error)}; the last ${lost.length} rows are lost, ` +
          "all before them are in the file",
      );
      process.exit(1);
    }
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = Promise.resolve();
  let queued: Promise<void> | undefined;
  let closed = false;

  return {
    file: csv,
    write(row) {
      // Formatted later, so that the next call doesn't wait for it, but a few at
      // a time, so that a call under way doesn't either.
      pending.push(row);
      if (pending.length >= FLUSH_ROWS) flush();
      else timer ??= setTimeout(flush, FLUSH_MILLISECONDS);
    },
    sync() {
      // All who ask while one is under way share the next.
      queued ??= latest.then(() => {
        queued = undefined;
        if (closed) return;
        flush();
        return datasync(descriptor).catch((error) => {
          if (!closed) throw error;
        });
      });
      return latest = queued;
    },
    save(run) {
      const others = runs.filter((other) => other.run !== run.run);
      writeRuns(json, [...others, run]);
    },
    close() {
      flush();
      closed = true;
      fs.closeSync(descriptor);
      unlock();
    },
  };
}

/** The runs that a JSON lists; none if there is no such file. */
export function readRuns(file: string): Run[] {
  if (!fs.existsSync(file)) return [];
  try {
    const { runs } = JSON.parse(fs.readFileSync(file, "utf8"));
    if (Array.isArray(runs)) return runs;
    throw new Error("it lists no runs");
  } catch (error) {
    throw new Failure(`${file} can't be read: ${messageOf(error)}`);
  }
}

/**
 * Adds to what the JSON says of a run that this script had made. Throws a {@link Failure} if
 * it doesn't list the run, or another run is being written.
 */
export function amendRun(
  folder: string,
  { name, run }: Pick<Run, "name" | "run">,
  addition: Partial<Run>,
) {
  const { csv, json } = resultFiles(folder, name);
  const unlock = fs.existsSync(json) ? lock(csv) : () => {};
  try {
    const runs = readRuns(json);
    const amended = runs.find((each) => each.run === run);
    if (!amended) {
      throw new Failure(
        `${json} doesn't list run ${run} any more; measure into a folder that ` +
          "nothing else writes to (--out)",
      );
    }
    Object.assign(amended, addition, { by: commandLine() });
    writeRuns(json, runs);
  } finally {
    unlock();
  }
}

/** Replaces the file at once, so that nobody reads a part of it. */
function writeRuns(file: string, runs: Run[]) {
  fs.writeFileSync(`${file}.new`, JSON.stringify({ runs }, null, 2) + "\n");
  fs.renameSync(`${file}.new`, file);
}

/** Takes the lock of a file, unless a living process holds it. */
function lock(file: string): () => void {
  const name = `${file}.lock`;
  const mine = `${process.pid} ${hostname()}`;
  try {
    fs.writeFileSync(name, mine, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const [pid, host] = fs.readFileSync(name, "utf8").split(" ");
    if (host !== hostname() || isAlive(Number(pid))) {
      throw new Failure(
        `${file} is being written by process ${pid} on ${host}; wait for it, ` +
          `or give this run another --name or --out (if that process is ` +
          `gone, delete ${name})`,
      );
    }
    fs.rmSync(name);
    return lock(file);
  }
  return () => fs.rmSync(name, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
