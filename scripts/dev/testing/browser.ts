/** A real browser. The tests fetch it that need one, and only Deno does. */
const [{ chromium }, { default: bundled }] = await Promise.all(
  ["npm:playwright-core@1.65.1", "npm:@sparticuz/chromium@153.0.0"]
    .map(importUnseen),
);

/**
 * Imports what Deno can't see beforehand: else the lock file would list it, and a
 * user's first run would download it.
 */
export function importUnseen(name: string) {
  return import(name);
}

/** Starts one; whoever does closes it. */
export async function launchBrowser() {
  return await chromium.launch({
    executablePath: await bundled.executablePath(),
    // A single process can't open a second page.
    args: bundled.args.filter((arg: string) => arg !== "--single-process"),
    headless: true,
  });
}
