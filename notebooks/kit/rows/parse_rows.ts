/** Reads rows from the text of a CSV, our own or another tool's. */
import { csvParseRows } from "d3-dsv";
import { header, isFormula, type Row } from "../../../lib/row.ts";
import { isHeading, numberIn, otherRows } from "./other_rows.ts";
import { whyUnread } from "./unread.ts";

const names = header.split(",") as (keyof Row)[];

/** An apostrophe that was put behind a semicolon, before what may be a formula. */
const markedBehind = /;'(?=[\s"']*[=+\-@＝＋－＠])/g;

/** Reads the cell that stands in a line from `from` to before `to`. */
type Parse<Value> = (line: string, from: number, to: number) => Value;

function parseText(line: string, from: number, to: number): string {
  const cell = line.slice(from, to);
  if (!cell.includes("'")) return cell;
  const marked = /^'/.test(cell) && isFormula.test(cell.slice(1))
    ? cell.slice(1)
    : cell;
  return marked.replace(markedBehind, ";");
}

const someTime = new Date(0).toISOString();
/** A second as it starts in a file, and when it began. */
let parsed = { second: someTime.slice(0, -4), time: 0 };

/** Calls in a row share a second, and then only the milliseconds are read. */
function parseTime(line: string, from: number, to: number): Date {
  const isSameSecond = to - from === someTime.length &&
    line.slice(from, to - 4) === parsed.second && line[to - 1] === "Z";
  if (isSameSecond) {
    const milliseconds = digits(line, to - 4, to - 1);
    if (milliseconds >= 0) return new Date(parsed.time + milliseconds);
  }
  const cell = line.slice(from, to);
  const value = new Date(cell);
  const time = value.getTime();
  if (!Number.isNaN(time) && value.toISOString() === cell) {
    const second = cell.slice(0, -4);
    parsed = { second, time: Date.parse(`${second}000Z`) };
  }
  return value;
}

/** Reads numbers with this many decimals; an empty cell was not measured. */
function numberWith(decimals: number): Parse<number | undefined> {
  const unit = 10 ** decimals;
  return (line, from, to) => {
    if (from === to) return undefined;
    const point = decimals === 0 ? to : to - decimals - 1;
    if (point === to || line[point] === ".") {
      // As lib/row.ts writes it: much faster than Number, and as exact, because
      // the quotient of two whole numbers is the nearest there is.
      const units = digits(line, from, point) * unit +
        digits(line, point + 1, to);
      if (units <= Number.MAX_SAFE_INTEGER) return units / unit;
    }
    return numberIn(line.slice(from, to));
  };
}

/** The whole number that stands there; NaN if it has more than digits. */
function digits(line: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = line.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

const parseSeconds = numberWith(6);
const parseWhole = numberWith(0);

/** What can be done with rows, whether they are in an array or in columns. */
export interface Rows extends Iterable<Row> {
  readonly length: number;
  at(index: number): Row | undefined;
  forEach(take: (row: Row, index: number) => void): void;
  map<T>(of: (row: Row, index: number) => T): T[];
  flatMap<T>(of: (row: Row, index: number) => T | readonly T[]): T[];
  filter(is: (row: Row, index: number) => boolean): Row[];
}

/** A copy of a row, as a plain object. */
export function copyRow(row: Row): Row {
  const cells = names.map((name) => [name, row[name]]);
  return Object.fromEntries(cells) as unknown as Row;
}

/** What is wrong with a line of a CSV. */
export interface Problem {
  line: number;
  message: string;
}

interface Parsed {
  rows: Row[];
  problems: Problem[];
}

/**
 * Reads rows, in the order of the file. A line that can't be read is reported
 * and skipped, and so is a torn last line: a killed writer leaves one behind.
 * Without a usable header there are no rows.
 */
export function parseRows(csv: string): Parsed {
  const rows: Row[] = [];
  const { add, end } = parseEach((row) => rows.push(row));
  add(csv);
  return { rows, problems: end() };
}

/** A line ends with LF, CRLF or CR, or as Python ends it in text on Windows. */
const LINE_END = /\r{0,2}\n|\r(?!\r?$)/;

/** The most lines of a quoted cell. */
const MOST_LINES = 1000;

/**
 * Reads a text that comes in pieces: passes each row to `onRow`, and calls `onUnread`
 * for each one that can't be read. Rows of another tool that have no name get that
 * of their `file`.
 */
export function parseEach(
  onRow: (row: Row) => void,
  file = "",
  onUnread: () => void = () => {},
) {
  const problems: Problem[] = [];
  const cells = cellReader();
  let heading: string[] | undefined;
  let readRow: ((at: number) => Row) | undefined;
  let line = 0;
  let rest = "";
  let isEmpty = true;
  let isOurs: boolean | undefined;
  let isOther = false;
  let headings = 0;
  /** A row whose last cell has a quote and no other one, and its first line. */
  let open: { text: string; line: number } | undefined;

  function cellsOf(text: string): string[] {
    const width = cells.split(text) ?? 0;
    return Array.from({ length: width }, (_, place) => cells.text(place));
  }

  /** Takes a line as the header of those below it, if it is one. */
  function addHeading(text: string): boolean {
    const first = cellsOf(text);
    const isWhole = names.every((name) => first.includes(name));
    const place = { line, number: headings + 1 };
    const other = isWhole
      ? undefined
      : otherRows(first, names, file, place, report);
    if (!isWhole && !other) return false;
    headings++;
    heading = other?.heading ?? first;
    isOurs = heading.join() === header;
    isOther = other !== undefined;
    readRow = other
      ? (at) => other.read(heading!.map((_, place) => cells.text(place)), at)
      : rowReader(cells, heading);
    if (other?.isRow) take(rowIn(text, line), text, line);
    return true;
  }

  function addFirst(text: string) {
    if (addHeading(text)) return;
    heading = cellsOf(text);
    isOurs = false;
    report(line, whyUnread(text, names, heading));
  }

  function report(line: number, message: string) {
    problems.push({ line, message });
  }

  function addLine(text: string) {
    line++;
    if (!heading) return addFirst(text.replace(/^\ufeff/, ""));
    if (!readRow) return;
    if (open && isHeading(text)) giveUp();
    if (!open) return take(rowIn(text, line), text, line);
    // A killed writer leaves a quote open too. What is a row by itself is not
    // what a cell goes on with.
    const isEven = (text.match(/"/g)?.length ?? 0) % 2 === 0;
    const alone = isEven ? rowIn(text, line) : undefined;
    if (typeof alone === "object") {
      giveUp();
      return onRow(alone);
    }
    // One row is one line, as ours are written.
    const { line: at } = open;
    const longer = `${open.text} ${text}`;
    const width = text.includes('"') ? cells.split(longer) : undefined;
    if (width === undefined && line - at < MOST_LINES) {
      open.text = longer;
    } else if (width === heading.length) {
      open = undefined;
      take(rowIn(longer, at), longer, at);
    } else {
      giveUp();
      take(alone ?? rowIn(text, line), text, line);
    }
  }

  /** The row in a text, or what is wrong with it; undefined if it is open. */
  function rowIn(text: string, at: number): Row | string | undefined {
    const width = cells.split(text);
    if (width === undefined) return undefined;
    if (width !== heading!.length) {
      return `has ${width} cells where the header has ` +
        `${heading!.length}; the line is skipped`;
    }
    const row = readRow!(at);
    const bad = isRead(row) ? undefined : names.find((name) => {
      const value = row[name]?.valueOf();
      return typeof value === "number" && !Number.isFinite(value);
    });
    if (bad === undefined) return row;
    const cell = cells.text(heading!.indexOf(bad));
    return `${bad} can't be "${cell}"; the line is skipped`;
  }

  function take(found: Row | string | undefined, text: string, at: number) {
    if (typeof found === "object") return onRow(found);
    if (found === undefined) open = { text, line: at };
    else if (!isHeading(text) || !addHeading(text.replace(/^\ufeff/, ""))) {
      report(at, found);
      // Nothing is lost with an empty line.
      if (text !== "") onUnread();
    }
  }

  function giveUp() {
    report(open!.line, "a quote is not closed; the line is skipped");
    open = undefined;
    onUnread();
  }

  return {
    /** Whether the heading is ours, as it is written here, once it was read. */
    get isOurs() {
      return isOurs;
    },
    /** Whether another tool wrote the rows. */
    get isOther() {
      return isOther;
    },
    /** Counts a line that {@link plainLines} has read. */
    skip() {
      if (open) giveUp();
      line++;
    },
    add(text: string) {
      if (text !== "") isEmpty = false;
      const all = rest + text;
      const lines = all.split(all.includes("\r") ? LINE_END : "\n");
      rest = lines.pop()!;
      for (const text of lines) addLine(text);
    },
    end(): Problem[] {
      if (isEmpty) report(1, "the file is empty");
      else if (!heading || rest.endsWith("\r")) {
        addLine(rest.replace(/\r+$/, ""));
      } else if (rest !== "" && readRow) {
        report(line + 1, "the last line is torn; it is skipped");
        onUnread();
      }
      if (open) giveUp();
      return problems;
    },
  };
}

/** A line below another, which a quote that is open above it takes in. */
const BELOW = "below";

/** Reads the cells of one line after another, where they stand in it. */
function cellReader() {
  let line = "";
  // Where each cell ends; the first begins after the -1.
  const ends = [-1];
  return {
    /**
     * Finds the cells of the next line, and returns how many it has; undefined
     * if the quote before the last one is not closed.
     */
    split(text: string): number | undefined {
      let count = 0;
      if (text === "") return 0;
      // Nearly all lines have no quotes, and then this is much faster.
      if (!text.includes('"')) {
        line = text;
        let at = -1;
        while ((at = line.indexOf(",", at + 1)) >= 0) ends[++count] = at;
        ends[++count] = line.length;
        return count;
      }
      const [cells, below] = csvParseRows(`${text}\n${BELOW}`);
      if (below?.[0] !== BELOW) return undefined;
      line = cells!.join(",");
      for (const { length } of cells!) {
        ends[++count] = ends[count - 1]! + 1 + length;
      }
      return count;
    },
    read<Value>(parse: Parse<Value>, place: number): Value {
      return parse(line, ends[place]! + 1, ends[place + 1]!);
    },
    text: (place: number) => line.slice(ends[place]! + 1, ends[place + 1]),
  };
}

/** Reads a row from the cells of a line under a heading with every column. */
function rowReader({ read }: ReturnType<typeof cellReader>, heading: string[]) {
  const at = Object.fromEntries(
    names.map((name) => [name, heading.indexOf(name)]),
  ) as Record<keyof Row, number>;
  const [url, error, name, run] = [sharing(), sharing(), sharing(), sharing()];
  // Spelt out, so that all rows have one shape, and take half the memory; a loop
  // is slower too.
  return (): Row => ({
    timestamp: read(parseTime, at.timestamp),
    url: read(url, at.url),
    status: read(parseWhole, at.status),
    elapsed: read(parseSeconds, at.elapsed),
    error: read(error, at.error),
    name: read(name, at.name),
    run: read(run, at.run),
    id: read(parseText, at.id),
    wait: read(parseSeconds, at.wait),
    ttfb: read(parseSeconds, at.ttfb),
    server: read(parseSeconds, at.server),
    bytes_out: read(parseWhole, at.bytes_out),
    bytes_in: read(parseWhole, at.bytes_in),
  });
}

const MOST_SHARED = 1000;

/**
 * Reads the texts of a column, and keeps one copy of those that many rows have,
 * unless there are too many of them.
 */
function sharing(): Parse<string> {
  const known = new Map<string, string>();
  let cell = "";
  let value = "";
  return (line, from, to) => {
    const next = line.slice(from, to);
    // Most are that of the line before.
    if (next === cell) return value;
    cell = next;
    const same = known.size < MOST_SHARED ? known.get(cell) : undefined;
    value = same ?? parseText(line, from, to);
    if (known.size < MOST_SHARED) known.set(cell, value);
    return value;
  };
}

/** A cell that can't be read is NaN, and so is any sum with it. */
function isRead(row: Row): boolean {
  const { status = 0, elapsed = 0, wait = 0, ttfb = 0, server = 0 } = row;
  const { timestamp, bytes_out = 0, bytes_in = 0 } = row;
  return Number.isFinite(
    timestamp.getTime() + status + elapsed + wait + ttfb + server + bytes_out +
      bytes_in,
  );
}
