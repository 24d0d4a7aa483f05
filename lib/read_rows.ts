/** Reads the rows of a file that may be too long to be one text. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { type Parsed, startParsing } from "./rows.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * The rows of a CSV, as parseRows finds them. One that has more than `most` is
 * not read: there are no rows then, and that is the problem.
 *
 * @throws {Error} when there is no such file, or it can't be read
 */
export function readRows(file: string, most = Infinity): Parsed {
  const lines = most < Infinity ? countLines(file) : 0;
  const rows = lines - 1;
  if (rows > most) {
    const message = `has ${whole(rows)} rows, and more than ${whole(most)} ` +
      "are too many to draw; a run at a lower rate or of a shorter duration " +
      "has fewer";
    return { rows: [], problems: [{ line: 1, message }] };
  }
  const parsing = startParsing();
  const decoder = new StringDecoder();
  for (const chunk of chunks(file)) parsing.add(decoder.write(chunk));
  parsing.add(decoder.end());
  return parsing.end();
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
