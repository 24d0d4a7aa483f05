/** The row format: one call, one line of CSV (RFC 4180). */
import { visible } from "./text.ts";

/** One call. Times are in seconds; what was not measured is undefined. */
export interface Row {
  /** When the request was sent. */
  timestamp: Date;
  url: string;
  status: number | undefined;
  /** From sent to the last byte of the body. */
  elapsed: number | undefined;
  /** Empty, or `class: detail`. */
  error: string;
  name: string;
  run: string;
  /** The call's number in its run, or the message's id. */
  id: string;
  /** From due, or from being published, until sent. */
  wait: number | undefined;
  /** From sent to the response's headers. */
  ttfb: number | undefined;
  /** How long the server says it took, in its Server-Timing header. */
  server: number | undefined;
  /** Bytes of the bodies. */
  bytes_out: number | undefined;
  bytes_in: number | undefined;
}

/** The columns in the order of the file, and how each writes its cell. */
const columns: { [C in keyof Row]: (value: Row[C]) => string } = {
  timestamp: formatTime,
  url: formatText,
  status: formatWhole,
  elapsed: formatSeconds,
  error: formatText,
  name: formatText,
  run: formatText,
  id: formatText,
  wait: formatSeconds,
  ttfb: formatSeconds,
  server: formatSeconds,
  bytes_out: formatWhole,
  bytes_in: formatWhole,
};
const names = Object.keys(columns) as (keyof Row)[];

export const header = names.join(",");

/** One row as a line without its line break. */
export function formatRow(row: Row): string {
  let line = "";
  for (const name of names) {
    if (line) line += ",";
    line += columns[name](row[name] as never);
  }
  return line;
}

let latest = { time: 0, text: new Date(0).toISOString() };

/** Thousands of calls share a millisecond, and a date costs as much as all else. */
function formatTime(value: Date): string {
  const time = value.getTime();
  if (time !== latest.time) latest = { time, text: value.toISOString() };
  return latest.text;
}

function formatSeconds(value: number | undefined): string {
  return value?.toFixed(6) ?? "";
}

function formatWhole(value: number | undefined): string {
  return value?.toFixed(0) ?? "";
}

/** Characters that need work before they can be a CSV cell. */
const special = /[^ !#-+\--:<-~]|^[ =+\-@']/;

/**
 * Where a spreadsheet may see a formula: at the start of a cell, or behind a
 * semicolon, which separates cells where the comma is in numbers. Blanks and
 * quotes before it hide nothing, nor does writing it in full width.
 */
export const isFormula = /^['\t]|^[\s"]*[=+\-@＝＋－＠]/;
const formulaBehind = /;(?=[\s"']*[=+\-@＝＋－＠])/g;

/** One line, in which an apostrophe keeps spreadsheets from seeing a formula. */
function formatText(value: string): string {
  if (!special.test(value)) return value;
  const line = visible(value.replace(/[\r\n]+/g, " "));
  const marked = line.replace(formulaBehind, ";'");
  const cell = isFormula.test(marked) ? `'${marked}` : marked;
  return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The classes that the error column starts with. */
export type ErrorClass =
  | "dns"
  | "refused"
  | "local"
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
