/** Where the processor time of this thread goes. */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { Failure, messageOf } from "../failure.ts";

/**
 * Starts a CPU profile. What it resolves to ends it and writes the file, which
 * Chromium's developer tools can open (.cpuprofile).
 *
 * @throws {Failure} when the file can't be written
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
    const why = messageOf(error);
    throw new Failure(`--profile ${file} can't be written: ${why}`);
  }
}
