/** The two files of a run: its rows, and a JSON that describes it. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { Failure, giveUp, messageOf } from "./exit.ts";
import { formatRow, header, type Row } from "./row.ts";
import { appendLines, makeFolder, replaceFile } from "./files.ts";

const datasync = promisify(fs.fdatasync);

/** One execution of a script, as the JSON beside the rows lists it. */
export interface Run {
  run: string;
  name: string;
  /** The command line, from the script's name on. */
  command: string;
  options: Record<string, unknown>;
  /** ISO 8601; a killed run has no end. */
  start: string;
  end?: string;
  /** Whether it was ended early. */
  interrupted?: boolean;
  /** The most calls in flight by the style's rule; null is no limit. */
  concurrency: number | null;
  /** The least time between two calls by the style's rule, in seconds. */
  interval?: number;
  /** Whether those two are the style's whole rule. */
  hasOptimum?: boolean;
  /** How many calls were due. */
  calls?: number;
  /** Whether no call has several rows. */
  unique?: boolean;
  /** Whether ids are those of messages, which may be redelivered. */
  byMessage?: boolean;
  /** Why its figures can't be trusted. */
  doubts?: string[];
  /** From the first call being due to the last one's end. */
  seconds?: number;
  /** Processor time of the whole script, in seconds per second. */
  cpu?: number;
  /** How many messages the script counted, by kind. */
  messages?: Record<string, number>;
  /**
   * The rows of messages that RabbitMQ had delivered before, each by its timestamp
   * and its id; not there if they are too many.
   */
  redelivered?: string[];
  /** How often RabbitMQ was away, or took no messages, and for how long. */
  outages?: { times: number; seconds: number };
  environment: Record<string, string | number>;
}

/** A run's CSV, while it is written. */
export interface Results {
  file: string;
  write(row: Row): void;
  /** Resolves when all rows so far are on the disk. */
  sync(): Promise<void>;
  /**
   * Writes the rows, then the run into the JSON, in place of an earlier one.
   *
   * @throws {Failure} if the JSON can't be written; it stays as it was
   */
  save(run: Run): void;
  close(): void;
}

/** The CSV and the JSON of a name; a slash in it is a dash in the file's. */
export function resultFiles(folder: string, name: string) {
  const stem = path.join(folder, `metrics_${name.replaceAll("/", "-")}`);
  return { csv: `${stem}.csv`, json: `${stem}.json` };
}

/** Well below the promised 100 ms, for a machine that is busy. */
const FLUSH_MILLISECONDS = 25;
const FLUSH_ROWS = 256;

/**
 * Opens the files of `name` and locks them for one run. Rows reach the file within
 * 100 ms, so a killed run leaves every finished call. If the disk refuses them, the
 * script says which are lost and ends with code 1.
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
    makeFolder(folder);
    unlock = lock(csv);
    if (append) runs = readRuns(json);
    // In one step: a run that is killed here leaves a readable file.
    if (!append || isEmpty(csv)) replaceFile(csv, header + "\n");
    descriptor = fs.openSync(csv, "a+");
    if (append) startOnNewLine(descriptor, csv);
  } catch (error) {
    unlock();
    if (error instanceof Failure) throw error;
    throw new Failure(
      `--out ${folder} can't be written (${messageOf(error)}); ` +
        "name a folder that can",
    );
  }

  const pending: Row[] = [];

  // Called by a timer: nothing would catch what it throws.
  function flush() {
    clearTimeout(timer);
    timer = undefined;
    const rows = pending.splice(0);
    const lines = rows.map((row) => formatRow(row) + "\n");
    const { kept, error } = appendLines(descriptor, lines);
    if (kept === rows.length) return;
    const lost = rows.slice(kept);
    const ids = Array.from(new Set([lost.at(0)!.id, lost.at(-1)!.id]));
    unlock();
    giveUp(
      `${csv}: ${messageOf(error)}; lost: the last ` +
        (lost.length === 1 ? "row" : `${lost.length} rows`) +
        `, id ${ids.join(" to ")}; all before are in the file`,
    );
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = Promise.resolve();
  let queued: Promise<void> | undefined;
  let closed = false;

  return {
    file: csv,
    write(row) {
      // Formatted later, so that the next call doesn't wait for it, and a few at a
      // time, so that a call in flight doesn't either.
      pending.push(row);
      if (pending.length >= FLUSH_ROWS) flush();
      else timer ??= setTimeout(flush, FLUSH_MILLISECONDS);
    },
    sync() {
      // Those who ask while one is running share the next.
      queued ??= latest.then(() => {
        queued = undefined;
        if (closed) return;
        flush();
        return datasync(descriptor).catch((error) => {
          if (closed) return;
          unlock();
          giveUp(
            `${csv}: ${messageOf(error)}; the rows written last may be lost, ` +
              "and no message for them was acknowledged",
          );
        });
      });
      return latest = queued;
    },
    save(run) {
      flush();
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

/** The runs that a JSON lists, `More` of what a chapter adds; none without a file. */
export function readRuns<More = unknown>(file: string): (Run & More)[] {
  if (!fs.existsSync(file)) return [];
  try {
    const { runs } = JSON.parse(fs.readFileSync(file, "utf8"));
    if (Array.isArray(runs)) return runs;
    throw new Error("it lists no runs");
  } catch (error) {
    throw new Failure(`${file} can't be read: ${messageOf(error)}`);
  }
}

/** Replaces what the JSON lists; throws a {@link Failure} if it can't. */
export function writeRuns(file: string, runs: Run[]) {
  try {
    replaceFile(file, JSON.stringify({ runs }, null, 2) + "\n");
  } catch (error) {
    throw new Failure(
      `${file} can't be written (${messageOf(error)}); it is as it was before`,
    );
  }
}

function isEmpty(file: string): boolean {
  return !fs.statSync(file, { throwIfNoEntry: false })?.size;
}

/**
 * Makes sure that the next row starts a new line. A line that a killed run tore gets
 * a cell more, so that it can't be read as whole.
 */
function startOnNewLine(descriptor: number, file: string) {
  const { size } = fs.fstatSync(descriptor);
  const old = Buffer.alloc(Math.min(size, header.length + 1));
  fs.readSync(descriptor, old, 0, old.length, 0);
  if (old.toString() !== header + "\n") {
    fs.closeSync(descriptor);
    throw new Failure(`${file} has other columns; --append can't add to it`);
  }
  fs.readSync(descriptor, old, 0, 1, size - 1);
  if (old[0] === "\n".charCodeAt(0)) return;
  const { error } = appendLines(descriptor, [",torn\n"]);
  if (error) throw error;
}

/** Takes the lock of a CSV, unless a living process holds it; the result frees it. */
export function lock(file: string): () => void {
  const name = `${file}.lock`;
  const mine = `${process.pid} ${hostname()}`;
  try {
    fs.writeFileSync(name, mine, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      // A full disk may have had room for its name.
      fs.rmSync(name, { force: true });
      throw error;
    }
    if (!isAbandoned(name)) {
      const [pid, host = "?"] = fs.readFileSync(name, "utf8").split(" ");
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

function isAbandoned(lock: string): boolean {
  const text = fs.readFileSync(lock, "utf8");
  const [pid, host] = text.split(" ");
  // Its maker was killed, or is about to write its name.
  if (text === "") return fs.statSync(lock).mtimeMs < Date.now() - 1000;
  return host === hostname() && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
