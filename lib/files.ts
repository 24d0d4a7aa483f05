/** Files that hold whole lines and whole texts, whatever the disk has room for. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import path from "node:path";

/**
 * Makes a folder, and those above it. Not mkdir's own recursion, which on Node
 * never ends where no folder can be made, as in /proc.
 */
export function makeFolder(folder: string, isLast = false) {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || isLast) throw error;
    makeFolder(path.dirname(folder));
    makeFolder(folder, true);
  }
}

/**
 * Replaces a file at once, so that nobody reads a part of it; if that can't be
 * done, the old one stays.
 */
export function replaceFile(file: string, text: string) {
  const draft = `${file}.new`;
  try {
    fs.writeFileSync(draft, text);
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Adds lines, each with its line break, to a file that nobody else writes, as
 * many as there is room for: how many these are at least, and why not all.
 */
export function appendLines(
  descriptor: number,
  lines: string[],
): { kept: number; error?: unknown } {
  const bytes = Buffer.from(lines.join(""));
  let size = Infinity;
  let written = 0;
  try {
    if (bytes.length > 0) size = fs.fstatSync(descriptor).size;
    while (written < bytes.length) {
      written += fs.writeSync(descriptor, bytes, written);
    }
    return { kept: lines.length };
  } catch (error) {
    return { kept: keepWhole(descriptor, size, bytes), error };
  }
}

/** Cuts off the line that was not all written, and counts those that were. */
function keepWhole(descriptor: number, size: number, bytes: Buffer): number {
  try {
    // How much a write that failed had written it doesn't tell.
    const grown = bytes.subarray(0, fs.fstatSync(descriptor).size - size);
    const whole = grown.lastIndexOf("\n") + 1;
    if (grown.length > whole) fs.ftruncateSync(descriptor, size + whole);
    return grown.subarray(0, whole).toString().split("\n").length - 1;
  } catch {
    return 0;
  }
}
