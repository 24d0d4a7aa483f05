/** Reads the rows of a file that may be too long to be one text. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { parseEach, type Problem, type Row } from "./rows.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * Gives each row of a CSV to `onRow`, in the order of the file, so that nobody
 * has to hold them all; what can't be read is returned, as parseRows does. One
 * that has more than `most` is not read, and that is the problem.
 *
 * @throws {Error} when there is no such file, or it can't be read
 */
export function eachRow(
  file: string,
  onRow: (row: Row) => void,
  most = Infinity,
): Problem[] {
  const lines = most < Infinity ? countLines(file) : 0;
  const rows = lines - 1;
  if (rows > most) {
    const message = `has ${whole(rows)} rows, and more than ${whole(most)} ` +
      "are too many to draw; a run at a lower rate or of a shorter duration " +
      "has fewer";
    return [{ line: 1, message }];
  }
  const { add, end } = parseEach(onRow, file);
  const decoder = new StringDecoder();
  for (const chunk of chunks(file)) add(decoder.write(chunk));
  add(decoder.end());
  return end();
}

function countLines(file: string): number {
  let lines = 0;
  for (const chunk of chunks(file)) {
    for (let at = -1; (at = chunk.indexOf(10, at + 1)) >= 0;) lines++;
  }
  return lines;
}

/** Each is valid until the next. */
function* chunks(file: string): Generator<Buffer> {
  const descriptor = fs.openSync(file, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    while (true) {
      const length = fs.readSync(descriptor, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function whole(value: number): string {
  return value.toLocaleString("en-US");
}
