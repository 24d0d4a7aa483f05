/** Reads the rows of a file that may be too long to be one text. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { ColumnsRow, startColumns } from "./columns.ts";
import { plainLines } from "./plain_lines.ts";
import { parseEach, type Problem } from "./parse_rows.ts";

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;
const RETURN = 13;
/** A row of ours takes more, so that shorter files need not be counted. */
const LEAST_BYTES = 50;

/**
 * Passes each row of a CSV to `onRow`, in the order of the file, and whether
 * another tool wrote it; returns what can't be read, and calls `onUnread` for it.
 * A row is valid until the next one, unless a ColumnsRows keeps it. Reads nothing
 * of a file with more than `most` rows, which is a problem too.
 *
 * @throws {Error} when there is no such file, or it can't be read
 */
export function eachRow(
  file: string,
  onRow: (row: ColumnsRow, isOther: boolean) => void,
  most = Infinity,
  onUnread?: () => void,
): Problem[] {
  if (fs.statSync(file).size > most * LEAST_BYTES) {
    const rows = countLines(file) - 1;
    if (rows > most) return [{ line: 1, message: tooMany(rows, most) }];
  }
  const columns = startColumns();
  const row = new ColumnsRow(columns, 0);
  function take() {
    row.index = columns.length;
    onRow(row, parsing.isOther);
  }
  const readPlain = plainLines(columns);
  const parsing = parseEach(
    (row) => {
      columns.set(columns.length, row);
      take();
    },
    file,
    onUnread,
  );
  for (const lines of wholeLines(file)) {
    for (let at = 0; at < lines.length;) {
      const next = parsing.isOurs ? readPlain(lines, at) : -1;
      if (next > 0) {
        parsing.skip();
        take();
        at = next;
      } else {
        const isOther = parsing.isOurs === false;
        const end = !isOther && lines.indexOf(NEWLINE, at) + 1 || lines.length;
        parsing.add(lines.toString("utf8", at, end));
        at = end;
      }
    }
  }
  return parsing.end();
}

function tooMany(rows: number, most: number): string {
  return `has ${whole(rows)} rows, and more than ${whole(most)} ` +
    "are too many to draw; a run at a lower rate or of a shorter duration " +
    "has fewer";
}

function countLines(file: string): number {
  let lines = 0;
  let returns = 0;
  for (const chunk of wholeLines(file)) {
    lines += countIn(chunk, NEWLINE);
    if (lines === 0) returns += countIn(chunk, RETURN);
  }
  return lines || returns;
}

function countIn(bytes: Buffer, byte: number): number {
  let count = 0;
  for (let at = -1; (at = bytes.indexOf(byte, at + 1)) >= 0;) count++;
  return count;
}

/**
 * The bytes of a file; all but the last end with a line. Each is valid until the
 * next.
 */
function* wholeLines(file: string): Generator<Buffer> {
  const descriptor = fs.openSync(file, "r");
  try {
    let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let used = 0;
    while (true) {
      const length = fs.readSync(descriptor, chunk.subarray(used));
      if (length === 0) break;
      used += length;
      const end = chunk.subarray(0, used).lastIndexOf(NEWLINE) + 1;
      if (end > 0) yield chunk.subarray(0, end);
      chunk.copyWithin(0, end, used);
      used -= end;
      // A line may be longer than all of it.
      if (used === chunk.length) chunk = Buffer.concat([chunk], 2 * used);
    }
    if (used > 0) yield chunk.subarray(0, used);
  } finally {
    fs.closeSync(descriptor);
  }
}

function whole(value: number): string {
  return value.toLocaleString("en-US");
}
