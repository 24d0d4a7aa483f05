/** The lag of an event loop, and what memory the process has, in a CSV. */
import fs from "node:fs";
import { messageOf } from "../failure.ts";
import { wrong } from "../options.ts";

const FLUSH_MILLISECONDS = 100;

/**
 * Opens the file, and gives what adds a line: when the event loop came round, in
 * milliseconds since 1970, how many seconds later than due that was, and how many
 * bytes are resident. A file that can't be written ends the script with code 2.
 */
export function openLagFile(
  file: string,
): (at: number, lag: number, memory: number) => void {
  let lines = "";
  let written = 0;
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, "a");
    if (fs.fstatSync(descriptor).size === 0) {
      lines = "timestamp,lag,memory\n";
    }
  } catch (error) {
    wrong(`--lag ${file} can't be written: ${messageOf(error)}`);
  }
  return (at, lag, memory) => {
    lines += `${new Date(at).toISOString()},${lag.toFixed(6)},${memory}\n`;
    if (at - written < FLUSH_MILLISECONDS) return;
    fs.writeSync(descriptor, lines);
    lines = "";
    written = at;
  };
}
