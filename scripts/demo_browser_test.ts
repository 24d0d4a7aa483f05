/** The demo's path at a small size, and its notebooks in a real browser. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { run } from "./chapters/run.ts";
import { launchBrowser } from "./dev/testing/browser.ts";
import { temporaryFolder } from "./dev/testing/processes.ts";

/** Evaluated in the page. */
const lookAround = `({
  links: [...document.querySelectorAll("a[href$='.html']")].map((a) => a.href),
  charts: [...document.querySelectorAll("svg")].map((chart) => ({
    label: chart.getAttribute("aria-label"),
    marks: chart.querySelectorAll("path, rect, circle, line").length,
  })),
  sideways: document.documentElement.scrollWidth - innerWidth,
})`;

/** As if a CSV had brought it into the page; resolves when it has had its chance. */
const inject = `new Promise((resolve) => {
  const script = document.createElement("script");
  script.textContent = "window.ran = true";
  const image = document.createElement("img");
  image.setAttribute("onerror", "window.ran = true");
  image.addEventListener("error", () => resolve(window.ran));
  image.src = "data:,";
  document.body.append(script, image);
})`;

/** One is enough here: other tests measure the others, and open their pages. */
const chapter = "three-styles";

interface Sight {
  links: string[];
  charts: { label: string; marks: number }[];
  sideways: number;
}

interface Message {
  type(): string;
  text(): string;
}

test("the demo's notebooks open without an error, a request or an empty chart", async (t) => {
  const out = temporaryFolder();
  const said = await run`demo.ts --trials 2 --calls 5 --warmup 2
    --length 200ms --only ${chapter} --out ${out}`;
  const index = pathToFileURL(said.trim().split("\n").at(-1)!).href;

  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error: Error) => faults.push(error.message));
  page.on("console", (message: Message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("request", (request: { url(): string }) => {
    if (!/^(file|data):/.test(request.url())) faults.push(request.url());
  });

  async function open(address: string): Promise<Sight> {
    await page.goto(address);
    return await page.evaluate(lookAround);
  }
  const link = (await open(index)).links
    .find((link) => path.basename(link) === `${chapter}.html`);
  assert.ok(link, "the index has no link to the chapter");
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const address of [index, link]) {
      const { charts, sideways } = await open(address);
      assert.ok(charts.length > 0, `${address} has no chart`);
      for (const { label, marks } of charts) {
        assert.ok(marks > 0, `chart "${label}" of ${address} is empty`);
      }
      assert.ok(sideways <= 0, `${address} scrolls sideways at ${width} px`);
    }
  }
  assert.deepEqual(faults, []);

  const refused = page.waitForEvent("console", {
    predicate: (message: Message) => message.text().includes("script-src"),
  });
  assert.equal(await page.evaluate(inject), undefined);
  await refused;
});
