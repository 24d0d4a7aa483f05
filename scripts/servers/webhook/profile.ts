/** Where the processor time of this thread goes. */
import { Session } from "node:inspector/promises";
import { giveUp, messageOf } from "../../../lib/exit.ts";
import { wrong } from "../../../lib/options.ts";
import { replaceFile } from "../../../lib/files.ts";

/**
 * Starts a CPU profile. What it resolves to ends it and writes the file, which
 * Chromium's developer tools can open (.cpuprofile). A file that can't be written
 * ends the script with code 2, and with 1 if that shows only then.
 */
export async function startProfile(file: string): Promise<() => Promise<void>> {
  const problem = (error: unknown) =>
    `--profile ${file} can't be written: ${messageOf(error)}`;
  try {
    // Rather now than after all that is to be profiled.
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
