/** A real browser. The tests fetch it that need one, and only Deno does. */
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

const version = "153.0.0";
const [{ chromium }, { default: bundled }] = await Promise.all(
  ["npm:playwright-core@1.65.1", `npm:@sparticuz/chromium@${version}`]
    .map(importUnseen),
);

/**
 * Imports what Deno can't see beforehand: else the lock file would list it, and a
 * user's first run would download it.
 */
export function importUnseen(name: string) {
  return import(name);
}

/** Starts a browser; close it when you are done. */
export async function launchBrowser() {
  return await chromium.launch({
    executablePath: await unpack(),
    // A single process can't open a second page.
    args: bundled.args.filter((arg: string) => arg !== "--single-process"),
    headless: true,
  });
}

/**
 * Unpacks the browser into a folder of its own, and renames that at once. The
 * package unpacks in place: a second test file that starts meanwhile would run a
 * file that is still being written.
 */
async function unpack(): Promise<string> {
  const folder = path.join(tmpdir(), `call-styles-chromium-${version}`);
  if (!existsSync(folder)) {
    const own = mkdtempSync(`${folder}-`);
    const { TMPDIR = tmpdir() } = process.env;
    process.env.TMPDIR = own;
    await bundled.executablePath();
    process.env.TMPDIR = TMPDIR;
    try {
      renameSync(own, folder);
    } catch {
      // Another test file was first.
      rmSync(own, { recursive: true });
    }
  }
  return path.join(folder, "chromium");
}
