/** The lag of an event loop, in a CSV of its own. */
import fs from "node:fs";
import { Failure, messageOf } from "../failure.ts";

const FLUSH_MILLISECONDS = 100;

/**
 * Opens the file, and gives what adds a line: when the event loop came round, in
 * milliseconds since 1970, and how many seconds later than due that was. The
 * columns are `timestamp` and `lag`.
 *
 * @throws {Failure} when the file can't be written
 */
export function openLagFile(file: string): (at: number, lag: number) => void {
  let lines = "";
  let written = 0;
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, "a");
    if (fs.fstatSync(descriptor).size === 0) lines = "timestamp,lag\n";
  } catch (error) {
    throw new Failure(`--lag ${file} can't be written: ${messageOf(error)}`);
  }
  return (at, lag) => {
    lines += `${new Date(at).toISOString()},${lag.toFixed(6)}\n`;
    if (at - written < FLUSH_MILLISECONDS) return;
    fs.writeSync(descriptor, lines);
    lines = "";
    written = at;
  };
}
