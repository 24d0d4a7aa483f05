/** The files that a webhook writes about itself: --lag and --profile. */
import fs from "node:fs";
import { Session } from "node:inspector/promises";
import { giveUp, messageOf } from "../../../lib/exit.ts";
import { appendLines, replaceFile } from "../../../lib/files.ts";
import { wrong } from "../../../lib/options.ts";

const FLUSH_MILLISECONDS = 100;

/**
 * Opens a CSV of the event loop's lag. The result adds a line: the time in milliseconds
 * since 1970, how many seconds late the event loop was, and the resident bytes. Exits
 * with code 2 if the file can't be opened, and with 1 if it can't be written later.
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

/**
 * Starts a CPU profile of this thread. The result stops it and writes the file, for
 * Chromium's developer tools (.cpuprofile). Exits with code 2 if the file can't be
 * written now, and with 1 if it can't be written later.
 */
export async function startProfile(file: string): Promise<() => Promise<void>> {
  const problem = (error: unknown) =>
    `--profile ${file} can't be written: ${messageOf(error)}`;
  try {
    // Fail now rather than after the run.
    replaceFile(file, "");
  } catch (error) {
    wrong(problem(error));
  }
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  return async () => {
    const { profile } = await session.post("Profiler.stop");
    try {
      replaceFile(file, JSON.stringify(profile));
    } catch (error) {
      giveUp(problem(error));
    }
  };
}
