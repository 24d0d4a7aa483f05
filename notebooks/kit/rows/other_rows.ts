/** Reads the CSVs of other tools; what they lack was not measured. */
import path from "node:path";
import type { ErrorClass, Row } from "../../../lib/row.ts";

/** How the lines of another tool's file are read. */
interface OtherRows {
  /** What stands in its columns, by the names of ours where we have one. */
  heading: string[];
  /** Whether the first line is a row, and no header. */
  isRow: boolean;
  /**
   * A number that can't be read is NaN, and so is a time. The run's id is its
   * first time as it stands, which no other run's file has.
   */
  read(cells: string[], line: number): Row;
}

/** What a post's scripts write, which are in Python, and time calls alone. */
export const five = ["timestamp", "url", "status", "elapsed", "error"];

/** Whether a line is a header, of ours or of five columns. */
export function isHeading(line: string): boolean {
  const cells = line.replace(/^\ufeff/, "").split(",");
  return five.every((name) => cells.includes(name));
}

/**
 * The columns of `vegeta encode --to csv`, which writes no header: of version
 * 12.3 or newer; older ones have the first 9, and `vegeta dump` the first 6.
 */
const vegeta = [
  ...["timestamp", "status", "elapsed", "bytes_out", "bytes_in", "error"],
  ...["body", "name", "id", "method", "url", "headers"],
];
export const vegetaWidths = [6, 9, 12];

/** Where a heading stands, and the how many-th of its file it is. */
interface Place {
  line: number;
  number: number;
}

/**
 * How to read the lines below one that has not all of `ours`; undefined if it is
 * of no tool that is known.
 */
export function otherRows(
  first: string[],
  ours: string[],
  file: string,
  place: Place,
  say: (line: number, message: string) => void,
): OtherRows | undefined {
  const known = first.filter((name) => ours.includes(name));
  if (known.sort().join() === five.toSorted().join()) {
    return readFive(first, file, place);
  }
  return looksLikeVegeta(first) && vegetaWidths.includes(first.length)
    ? readVegeta(first, file, say)
    : undefined;
}

/**
 * Those scripts take the time at a call's end, or when they write the row. It has
 * no zone, and is taken for UTC, so that it is the same everywhere. Each writes a
 * header before anything else, so that another one begins another run.
 */
function readFive(heading: string[], file: string, place: Place): OtherRows {
  const name = nameOf(file);
  const at = (column: string) => heading.indexOf(column);
  let run = "";
  return {
    heading,
    isRow: false,
    read(cells, line) {
      const cell = (column: string) => cells[at(column)]!;
      const [status, elapsed] = [cell("status"), cell("elapsed")].map(numberIn);
      const ended = dateIn(cell("timestamp"));
      const timestamp = new Date(Math.round(ended - 1000 * (elapsed || 0)));
      run ||= place.number === 1
        ? cell("timestamp")
        : `${cell("timestamp")}-${place.number}`;
      const [url, error] = [cell("url"), cell("error")];
      const row = rowOf(timestamp, url, status, elapsed, error);
      return Object.assign(row, { name, run, id: String(line - place.line) });
    },
  };
}

/** Its times are in nanoseconds, and those of rows in milli- and microseconds. */
function readVegeta(
  first: string[],
  file: string,
  say: (line: number, message: string) => void,
): OtherRows {
  const heading = vegeta.slice(0, first.length);
  const runs = new Map<string, string>();
  /** The calls of each attack, until one of them comes again. */
  const seen = new Map<string, Set<number> | undefined>();
  function lookFor(name: string, sequence: string, line: number) {
    if (!seen.has(name)) seen.set(name, new Set());
    const calls = seen.get(name);
    if (calls?.has(Number(sequence))) {
      const message = `call ${sequence} comes a second time: are there two ` +
        "attacks in one file? They are read as one, with all their rows";
      say(line, message);
      seen.set(name, undefined);
    } else calls?.add(Number(sequence));
  }
  return {
    heading,
    isRow: true,
    read(cells, line) {
      const [timestamp = "", code = "", latency = "", out = "", into = ""] =
        cells.map((cell) => cell.trimStart());
      const [, , , , , text = "", , attack, sequence, , url = ""] = cells;
      // More digits than a number holds exactly.
      const sent = new Date(wholeIn(timestamp.slice(0, -6)) ?? NaN);
      const name = attack || nameOf(file);
      const run = runs.get(name) || timestamp;
      runs.set(name, run);
      if (sequence !== undefined) lookFor(name, sequence, line);
      // Of a call without an answer its status is 0, and so are the bytes.
      const status = code === "0" ? undefined : wholeIn(code);
      const measured = (bytes: string) =>
        status === undefined ? undefined : wholeIn(bytes);
      const nanoseconds = wholeIn(latency);
      const elapsed = nanoseconds === undefined
        ? undefined
        : Math.round(nanoseconds / 1000) / 1e6;
      return Object.assign(rowOf(sent, url, status, elapsed, text), {
        ...{ name, run, id: sequence ?? String(line) },
        ...{ bytes_out: measured(out), bytes_in: measured(into) },
      });
    },
  };
}

/** A row with what both tools have; the rest was not measured. */
function rowOf(
  timestamp: Date,
  url: string,
  status: number | undefined,
  elapsed: number | undefined,
  error: string,
): Row {
  return {
    ...{ timestamp, url, status, elapsed, error: errorOf(error, status) },
    ...{ name: "", run: "", id: "" },
    ...{ wait: undefined, ttfb: undefined, server: undefined },
    ...{ bytes_out: undefined, bytes_in: undefined },
  };
}

const iso =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/;

/** As in `sync` of metrics_sync.csv, and in `load` of load.csv. */
function nameOf(file: string): string {
  return path.basename(file).replace(/^metrics_(?=.)/, "")
    .replace(/(?<=.)\.csv$/, "");
}

function dateIn(cell: string): number {
  const parts = iso.exec(cell);
  if (!parts) return NaN;
  const [, day, time, fraction = ".", zone = "Z"] = parts;
  return Date.parse(
    `${day}T${time}${fraction.slice(0, 4).padEnd(4, "0")}${zone}`,
  );
}

/** How tools write that there is nothing, of which an empty cell is the rule. */
const nothing = /^(?:none|nan|null|-|)$/i;

/** NaN if it can't be read; undefined if it was not measured. */
export function numberIn(cell: string): number | undefined {
  return nothing.test(cell) ? undefined : Number(cell.trim() || NaN);
}

function wholeIn(cell: string): number | undefined {
  return nothing.test(cell) || /^\d+$/.test(cell) ? numberIn(cell) : NaN;
}

/** What whole messages are known by, as Go and Python's clients word them. */
const classes: [ErrorClass, RegExp][] = [
  ["dns", /no such host|server misbehaving|name resolution|\[Errno -\d+\]/],
  ["local", /too many open files|assign requested address|no buffer space/i],
  ["refused", /connection refused/i],
  ["timeout", /timed out|timeout|deadline exceeded/i],
  // One that closes in the middle of an answer has broken the protocol.
  ["protocol", /unexpected EOF|IncompleteRead|malformed|\bchunk|redirects$/],
  ["reset", /reset by peer|broken pipe|EOF$|disconnected|connection aborted/i],
  ["tls", /x509:|tls:|SSL|CERTIFICATE|HTTP response to HTTPS client/],
  ["aborted", /context canceled/],
];

/** As in `refused: dial tcp 127.0.0.1:80: connect: connection refused`. */
function errorOf(text: string, status: number | undefined): string {
  if (nothing.test(text)) {
    return status === undefined ? "other: no status, and no reason" : "";
  }
  // vegeta repeats an error status as text: 503 Service Unavailable.
  if (status !== undefined && text.startsWith(`${status} `)) return "";
  // What was called may be named like what went wrong.
  const reason = text.replace(/^[A-Z]\w* "[^"]*": /i, "")
    .replace(/^.*\(Caused by /, "");
  const [known] = classes.find(([, pattern]) => pattern.test(reason)) ??
    ["other"];
  return `${known}: ${text}`;
}

/** Nanoseconds since 1970, a status, and three more whole numbers. */
export function looksLikeVegeta(cells: string[]): boolean {
  return /^\d{16,19}$/.test(cells[0]!) && cells.length >= 6 &&
    cells.slice(1, 5).every((cell) => /^\s*\d+$/.test(cell));
}
