/** A real browser, which only tests on Deno download. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

const version = "153.0.0";
const bundle = `npm:@sparticuz/chromium@${version}`;
const [{ chromium }, { default: bundled }] = await Promise.all(
  ["npm:playwright-core@1.65.1", bundle].map(importUnseen),
);

/**
 * Hides an import from Deno, which would otherwise put it into the lock file and
 * download it on a user's first run.
 */
export function importUnseen(name: string) {
  return import(name);
}

/** Starts a browser; close it when you are done. */
export async function launchBrowser() {
  return await chromium.launch({
    executablePath: unpack(),
    // With a single process it can't open a second page.
    args: bundled.args.filter((arg: string) => arg !== "--single-process"),
    headless: true,
  });
}

/**
 * Unpacks the browser into a new folder and then renames that. The package
 * unpacks in place: a second test file would start a browser that the first one
 * is still writing. A process does it, since test files share their TMPDIR.
 */
function unpack(): string {
  const folder = path.join(tmpdir(), `call-styles-chromium-${version}`);
  if (!existsSync(folder)) {
    const own = mkdtempSync(`${folder}-`);
    const work = `const { default: bundled } = await import("${bundle}");` +
      "await bundled.executablePath();";
    execFileSync(process.execPath, ["eval", "--no-lock", work], {
      env: { ...process.env, TMPDIR: own },
    });
    try {
      renameSync(own, folder);
    } catch {
      // Another test file was first.
      rmSync(own, { recursive: true });
    }
  }
  return path.join(folder, "chromium");
}
