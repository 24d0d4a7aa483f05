/** Results for every chapter that are unusual or impossible. */
import fs from "node:fs";
import path from "node:path";
import { max, min } from "d3-array";
import { resultFiles } from "../../../lib/results.ts";
import type { Run } from "../../../notebooks/kit/trials/details.ts";
import { formatRow, header, isOk, type Row } from "../../../lib/row.ts";
import { parseRows } from "../../../notebooks/kit/rows/parse_rows.ts";
import { writeResults } from "./hostile.ts";
import { start } from "./example_runs.ts";
import { measuredNames } from "../../../notebooks/kit/trials/trials.ts";
import { CLIENTS_FILE, lagFile } from "../../chapters/names/mod.ts";

/** A call of a file; all numbers count from 0. */
export interface Place {
  /** The name of the file, as in `naive-fixed`. */
  name: string;
  file: number;
  trial: number;
  call: number;
}

/** What is odd about the results; the rest is usual. */
export interface Odd {
  trials?: number;
  calls?: number;
  row?: (place: Place) => Partial<Row>;
  run?: (place: Place) => Partial<Run>;
  /** How late event loops were, in seconds. */
  lag?: number;
  /** More names with the results of a name. */
  more?: Record<string, string[]>;
  /** Problems that the reader reports. */
  problems?: RegExp;
}

/** Writes results that all chapters draw: some trials of each name. */
export function writeOdd(
  folder: string,
  { trials = 5, calls = 12, row, run, lag, more = {} }: Odd,
) {
  writeResults(folder, ["plain"]);
  fs.rmSync(resultFiles(folder, "plain").csv);
  for (const [name, others] of Object.entries(more)) {
    for (const other of others) if (other !== name) copy(folder, name, other);
  }
  const kept = new Map<string, { rows: Row[]; run: Run }>();
  for (const [file, name] of measuredNames(folder).entries()) {
    const { csv, json } = resultFiles(folder, name);
    const { runs }: { runs: Run[] } = JSON.parse(fs.readFileSync(json, "utf8"));
    const { rows } = parseRows(fs.readFileSync(csv, "utf8"));
    const made = runs.slice(0, trials).map((old, trial) => {
      const id = `${old.run}-${file}`;
      const place = { name, file, trial };
      const own = rows.filter((each) => each.run === old.run).slice(0, calls)
        .map((each, call): Row => ({
          ...each,
          ...{ name, run: id, id: `${call + 1}`, status: 200, error: "" },
          timestamp: new Date(start + trial * 1e5 + file * 1e3 + call * 10),
          ...row?.({ ...place, call }),
        }));
      const seconds = secondsOf(own);
      const here = { run: id, name, calls: own.length, seconds };
      const series = { ...old.series!, place: trial * 100 + file };
      const found = run?.({ ...place, call: 0 });
      const messages = { published: own.length, confirmed: own.length };
      const options = usualOptions(old);
      const usual = { doubts: undefined, options, messages };
      return {
        rows: own,
        run: { ...old, ...here, ...usual, series, ...found },
      };
    });
    for (const each of made) kept.set(each.run.run, each);
    const lines = made.flatMap(({ rows }) => rows.map(formatRow));
    fs.writeFileSync(csv, [header, ...lines, ""].join("\n"));
    fs.writeFileSync(
      json,
      JSON.stringify({ runs: made.map(({ run }) => run) }),
    );
    writeLags(lagFile(folder, name), made, lag);
  }
  writeCounts(folder, [...kept.values()]);
  keepWhole(path.join(folder, CLIENTS_FILE));
}

function copy(folder: string, name: string, other: string) {
  const [from, to] = [name, other].map((each) => resultFiles(folder, each));
  fs.copyFileSync(from!.csv, to!.csv);
  fs.copyFileSync(from!.json, to!.json);
}

function usualOptions({ options: { url, rate, duration } }: Run) {
  return { url, rate, duration };
}

/** From the first call being due to the last one's end. */
function secondsOf(rows: Row[]): number {
  const sent = ({ timestamp }: Row) => timestamp.getTime() / 1000;
  const due = min(rows, (row) => sent(row) - (row.wait ?? 0)) ?? 0;
  const end = max(rows, (row) => sent(row) + (row.elapsed ?? 0)) ?? 0;
  return Math.max(0, end - due);
}

/** Removes the entries that hostile.ts breaks on purpose. */
function keepWhole(json: string) {
  const entries: Record<string, unknown>[] = JSON.parse(
    fs.readFileSync(json, "utf8"),
  );
  const whole = entries.filter((entry) => entry.calls);
  fs.writeFileSync(json, JSON.stringify(whole));
}

/** Writes what the server with a limit counted in these runs. */
function writeCounts(folder: string, made: { rows: Row[]; run: Run }[]) {
  const counted = made.flatMap(
    ({ rows, run: { run, name, calls, seconds } }) => {
      const [, strategy, kind] = /^(naive|throttle)-(fixed|sliding-log)$/
        .exec(name) ?? [];
      if (!strategy) return [];
      const accepted = rows.filter(isOk).length;
      const rejected = rows.filter(({ status }) => status === 429).length;
      const count = { calls, seconds, limit: 100, accepted, rejected };
      return [{ strategy, kind, run, ...count }];
    },
  );
  fs.writeFileSync(path.join(folder, "limits.json"), JSON.stringify(counted));
}

/** Writes the lag of a server's event loop, if it measures that. */
function writeLags(file: string, made: { rows: Row[] }[], lag = 0.01) {
  if (!fs.existsSync(file)) return;
  const lines = made.flatMap(({ rows: [first] }) =>
    Array.from({ length: 10 }, (_, at) => {
      const time = new Date(first!.timestamp.getTime() + 20 * (at + 1));
      return `${time.toISOString()},${lag},100000000`;
    })
  );
  fs.writeFileSync(file, ["timestamp,lag,memory", ...lines, ""].join("\n"));
}
