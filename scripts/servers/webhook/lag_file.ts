/** The lag of an event loop, and what memory the process has, in a CSV. */
import fs from "node:fs";
import { giveUp, messageOf } from "../../../lib/exit.ts";
import { wrong } from "../../../lib/options.ts";
import { appendLines } from "../../../lib/files.ts";

const FLUSH_MILLISECONDS = 100;

/**
 * Opens the file, and gives what adds a line: when the event loop came round, in
 * milliseconds since 1970, how many seconds later than due that was, and how many
 * bytes are resident. A file that can't be opened ends the script with code 2, and
 * one that can't be added to with 1: what it was to show would be missing.
 */
export function openLagFile(
  file: string,
): (at: number, lag: number, memory: number) => void {
  let lines: string[] = [];
  let written = 0;
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, "a");
    if (fs.fstatSync(descriptor).size === 0) {
      lines = ["timestamp,lag,memory\n"];
    }
  } catch (error) {
    wrong(`--lag ${file} can't be written: ${messageOf(error)}`);
  }
  return (at, lag, memory) => {
    lines.push(`${new Date(at).toISOString()},${lag.toFixed(6)},${memory}\n`);
    if (at - written < FLUSH_MILLISECONDS) return;
    const { error } = appendLines(descriptor, lines);
    if (error) giveUp(`--lag ${file} can't be written: ${messageOf(error)}`);
    lines = [];
    written = at;
  };
}
