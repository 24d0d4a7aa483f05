/**
 * A page that is watched, in a real browser. Only Deno runs this one, as it does
 * demo_browser_test.ts.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import {
  someRow,
  spawnScript,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";
import { launchBrowser } from "../../scripts/dev/testing/browser.ts";

const library = new URL("notebook.ts", import.meta.url).href;

test("a page that is open shows what was changed, and what is wrong", async (t) => {
  const results = temporaryFolder();
  const file = path.join(results, "mine.ts");
  const write = (part: string) =>
    fs.writeFileSync(
      file,
      `import { chart, notebook } from ${JSON.stringify(library)};
      export default notebook("Mine", (load) => [${part}]);`,
    );
  const run = someRun({ name: "sync" });
  writeTrials(results, "sync", [{ run, rows: [someRow()] }]);
  write(`"First"`);
  const { child } = spawnScript("report.ts", [
    ...["--watch", "--results", results, file],
  ]);
  t.after(() => child.kill("SIGKILL"));
  const [url] = await once(createInterface({ input: child.stdout! }), "line");

  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error: Error) => faults.push(error.message));
  page.on("console", (message: { type(): string; text(): string }) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(url);
  const shows = (text: string) =>
    page.getByText(text).first().waitFor({ timeout: 60_000 });
  await shows("First");
  write(`"Second", chart([load("sync")], "total")`);
  await shows("Second");
  assert.equal(await page.locator("figure .wide svg").count(), 1);

  write(`chart([load("sync")], "<b>p98</b>")`);
  await shows("there is no figure <b>p98</b>, but total, ");
  assert.equal(await page.getByRole("alert").locator("*").count(), 0);
  await shows("Second");
  write(`"Third"`);
  await shows("Third");
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.deepEqual(faults, []);
});
