/** Where the processor time of this thread goes. */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { messageOf } from "../failure.ts";
import { wrong } from "../options.ts";

/**
 * Starts a CPU profile. What it resolves to ends it and writes the file, which
 * Chromium's developer tools can open (.cpuprofile). A file that can't be written
 * ends the script with code 2.
 */
export async function startProfile(file: string): Promise<() => Promise<void>> {
  // Rather now than after all that is to be profiled.
  write(file, "");
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  return async () => {
    const { profile } = await session.post("Profiler.stop");
    write(file, JSON.stringify(profile));
  };
}

function write(file: string, text: string) {
  try {
    writeFileSync(file, text);
  } catch (error) {
    wrong(`--profile ${file} can't be written: ${messageOf(error)}`);
  }
}
