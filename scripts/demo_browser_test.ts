/** The demo's path at a small size, and its notebooks in a real browser. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { run } from "./chapters/run.ts";
import { launchBrowser } from "./dev/testing/browser.ts";

/** Evaluated in the page. */
const lookAround = `({
  links: [...document.querySelectorAll("a[href$='.html']")].map((a) => a.href),
  charts: [...document.querySelectorAll("svg")].map((chart) => ({
    label: chart.getAttribute("aria-label"),
    marks: chart.querySelectorAll("path, rect, circle, line").length,
  })),
  sideways: document.documentElement.scrollWidth - innerWidth,
})`;

/** As a page would have it that lets through what is in a file. */
const inject = `
  const script = document.createElement("script");
  script.textContent = "window.ran = true";
  const image = document.createElement("img");
  image.setAttribute("onerror", "window.ran = true");
  image.src = "data:,";
  document.body.append(script, image);
`;

/** One is enough here: other tests measure the others, and open their pages. */
const chapters = ["three-styles"];

interface Sight {
  links: string[];
  charts: { label: string; marks: number }[];
  sideways: number;
}

test("the demo's notebooks open without an error, a request or an empty chart", async (t) => {
  const out = await mkdtemp(path.join(tmpdir(), "call-styles-demo-"));
  t.after(() => rm(out, { recursive: true }));
  const said = await run`demo.ts --trials 2 --calls 5 --warmup 2
    --length 200ms --only ${chapters.join()} --out ${out}`;
  const index = said.trim().split("\n").at(-1)!;

  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error: Error) => faults.push(error.message));
  page.on("console", (message: { type(): string; text(): string }) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("request", (request: { url(): string }) => {
    if (!/^(file|data):/.test(request.url())) faults.push(request.url());
  });

  async function open(address: string): Promise<Sight> {
    await page.goto(address);
    return await page.evaluate(lookAround);
  }
  const first = pathToFileURL(index).href;
  const links = (await open(first)).links
    .filter((link) => chapters.includes(path.basename(link, ".html")));
  assert.equal(links.length, chapters.length, "the index has not all links");
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const address of [first, ...links]) {
      const { charts, sideways } = await open(address);
      assert.ok(charts.length > 0, `${address} has no chart`);
      for (const { label, marks } of charts) {
        assert.ok(marks > 0, `chart "${label}" of ${address} is empty`);
      }
      assert.ok(sideways <= 0, `${address} scrolls sideways at ${width} px`);
    }
  }
  assert.deepEqual(faults, []);

  // Whatever a CSV may have brought into a page, it must not run.
  await page.evaluate(inject);
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate("window.ran"), undefined);
  assert.match(String(faults), /script-src/);
});
