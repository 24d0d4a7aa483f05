/** Writes whole lines and whole files, even if the disk is full. */
import { Buffer } from "node:buffer";
import fs from "node:fs";
import path from "node:path";

/**
 * Makes a folder and its parents. mkdir's own recursion never ends on Node where no
 * folder can be made, as in /proc.
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

/** Replaces a file in one step; if that fails, the old one stays. */
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
 * Appends lines, each with its line break, as many as there is room for; returns
 * how many are in the file, and the error if not all are.
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

/** Cuts off a line that is only partly written, and counts the whole ones. */
function keepWhole(descriptor: number, size: number, bytes: Buffer): number {
  try {
    // A failed write doesn't say how much it has written.
    const grown = bytes.subarray(0, fs.fstatSync(descriptor).size - size);
    const whole = grown.lastIndexOf("\n") + 1;
    if (grown.length > whole) fs.ftruncateSync(descriptor, size + whole);
    return grown.subarray(0, whole).toString().split("\n").length - 1;
  } catch {
    return 0;
  }
}
