/** The row format: one call, one line of CSV (RFC 4180). */
import { csvParseRows } from "d3-dsv";

const special = /[",\r\n]|^[=+\-@\t']/;

const text = {
  // A cell that starts like a formula gets an apostrophe, so that no
  // spreadsheet runs what a server or a message put there. One row is one line.
  format(value: string) {
    if (!special.test(value)) return value;
    const line = value.replace(/[\r\n]+/g, " ");
    const cell = /^[=+\-@\t']/.test(line) ? `'${line}` : line;
    return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  },
  parse: (cell: string) => cell.replace(/^'(?=[=+\-@\t'])/, ""),
};

let formatted = { time: 0, text: new Date(0).toISOString() };

const time = {
  // Thousands of calls share a millisecond, and a date costs as much as all else.
  format(value: Date) {
    const time = value.getTime();
    if (time !== formatted.time) {
      formatted = { time, text: value.toISOString() };
    }
    return formatted.text;
  },
  parse: (cell: string) => new Date(cell),
};

/** Empty means not measured, and is never 0. */
function measured(decimals: number) {
  return {
    format: (value: number | undefined) => value?.toFixed(decimals) ?? "",
    parse: (cell: string) =>
      cell === "" ? undefined : Number(cell.trim() || NaN),
  };
}

const seconds = measured(6);
const whole = measured(0);

/** The columns in the order of the file; times are in seconds. */
export const columns = {
  /** When the request was sent. */
  timestamp: time,
  url: text,
  status: whole,
  /** From sent to the last byte of the body. */
  elapsed: seconds,
  /** Empty, or `class: detail`. */
  error: text,
  name: text,
  run: text,
  /** The call's number in its run, or the message's id. */
  id: text,
  /** From due, or from being published, until sent. */
  wait: seconds,
  /** From sent to the response's headers. */
  ttfb: seconds,
  /** What the server says it took, in its Server-Timing header. */
  server: seconds,
  /** Body bytes. */
  bytes_out: whole,
  bytes_in: whole,
};

type Columns = typeof columns;
export type Row = { [C in keyof Columns]: ReturnType<Columns[C]["parse"]> };

const names = Object.keys(columns) as (keyof Row)[];

export const header = names.join(",");

/** One row as a line without its line break. */
export function formatRow(row: Row): string {
  let line = "";
  for (const name of names) {
    if (line) line += ",";
    line += columns[name].format(row[name] as never);
  }
  return line;
}

/** What is wrong with a line of a CSV, for the person who has to mend it. */
export interface Problem {
  line: number;
  message: string;
}

export interface Parsed {
  rows: Row[];
  problems: Problem[];
}

/**
 * Reads rows, in the order of the file. A line that can't be read is reported
 * and skipped, and so is a torn last line: a killed writer leaves one behind.
 * Without a usable header there are no rows.
 */
export function parseRows(csv: string): Parsed {
  const parsing = startParsing();
  parsing.add(csv);
  return parsing.end();
}

/** Copied, so that all rows have one shape, and take half the memory. */
const blank: Partial<Row> = Object.fromEntries(
  names.map((name) => [name, undefined]),
);

/** What {@link parseRows} does, with a text that comes in pieces. */
export function startParsing() {
  const rows: Row[] = [];
  const problems: Problem[] = [];
  let heading: string[] | undefined;
  let places: number[] = [];
  let line = 0;
  let rest = "";
  let isEmpty = true;
  const share = sharing();

  function addHeading(text: string) {
    heading = cellsOf(text.replace(/^\ufeff/, ""));
    places = names.map((name) => heading!.indexOf(name));
    const missing = names.filter((_, index) => places[index] === -1);
    if (missing.length === 0) return;
    const message = missing.length === names.length
      ? `this is not the header of a metrics file: ${heading.join(",")}`
      : `the header has no column ${missing.join(", ")}`;
    problems.push({ line, message });
    places = [];
  }

  function addLine(text: string) {
    line++;
    if (!heading) return addHeading(text);
    if (places.length === 0) return;
    const cells = cellsOf(text);
    if (cells.length !== heading.length) {
      const message = `has ${cells.length} cells where the header has ` +
        `${heading.length}; the line is skipped`;
      problems.push({ line, message });
      return;
    }
    const row = { ...blank } as Row;
    let bad: keyof Row | undefined;
    names.forEach((name, index) => {
      const value = columns[name].parse(cells[places[index]!]!);
      row[name] = share(name, value) as never;
      if (Number.isNaN(value?.valueOf())) bad ??= name;
    });
    if (bad === undefined) rows.push(row);
    else {
      const cell = cells[heading.indexOf(bad)];
      const message = `${bad} can't be "${cell}"; the line is skipped`;
      problems.push({ line, message });
    }
  }

  return {
    add(text: string) {
      if (text !== "") isEmpty = false;
      // One row is one line, so that a quote left open by a torn line ends with
      // it.
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const text of lines) {
        addLine(text.endsWith("\r") ? text.slice(0, -1) : text);
      }
    },
    end(): Parsed {
      if (isEmpty) problems.push({ line: 1, message: "the file is empty" });
      else if (!heading) addLine(rest);
      else if (rest !== "" && places.length > 0) {
        const message = "the last line is torn; it is skipped";
        problems.push({ line: line + 1, message });
      }
      return { rows, problems };
    },
  };
}

function cellsOf(line: string): string[] {
  // Nearly all lines have no quotes, and then this is much faster.
  if (line !== "" && !/["\r]/.test(line)) return line.split(",");
  return csvParseRows(line)[0] ?? [];
}

const MOST_SHARED = 1000;

/** Keeps one copy of a text that many rows have; no two calls share an id. */
function sharing() {
  const known = new Map<string, string>();
  return (name: keyof Row, value: Row[keyof Row]) => {
    if (typeof value !== "string" || name === "id") return value;
    const same = known.get(value);
    if (same === undefined && known.size < MOST_SHARED) known.set(value, value);
    return same ?? value;
  };
}

/** The classes that the error column starts with. */
export type ErrorClass =
  | "dns"
  | "refused"
  | "reset"
  | "timeout"
  | "tls"
  | "protocol"
  | "aborted"
  | "message"
  | "other";

/** The class of a row's error; empty when there is none. */
export function errorClass(row: Pick<Row, "error">): string {
  return row.error.split(":", 1)[0]!;
}

/** Whether a call succeeded: a status from 200 to 399, and no error. */
export function isOk(row: Pick<Row, "status" | "error">): boolean {
  return row.error === "" && row.status !== undefined &&
    row.status >= 200 && row.status < 400;
}

/** Whether RabbitMQ confirmed the message of a producer's row. */
export function isConfirmed(row: Pick<Row, "error">): boolean {
  return row.error === "";
}
