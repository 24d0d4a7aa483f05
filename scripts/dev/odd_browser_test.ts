/**
 * Charts of results that nobody thought of, as a browser draws them. Only Deno
 * runs this one, as it does demo_browser_test.ts.
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import type { Notebook } from "../../notebooks/kit/notebook_interface.ts";
import { findNotebooks } from "../../notebooks/kit/chapters.ts";
import { render } from "./testing/pages.ts";
import { temporaryFolder } from "./testing/processes.ts";
import { type Odd, writeOdd } from "./testing/odd.ts";
import { hundred, named, names, undecided } from "./testing/odd_cases.ts";
import { launchBrowser } from "./testing/browser.ts";

/** Evaluated in the page: what is wrong with it. */
const faults = `(() => {
  const found = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push("scrolls sideways by " + wide);
  for (const svg of document.querySelectorAll("svg")) {
    const texts = [...svg.querySelectorAll("text")]
      .map((text) => ({ text, box: text.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0);
    for (const [index, { text, box }] of texts.entries()) {
      for (const other of texts.slice(index + 1)) {
        const wide = Math.min(box.right, other.box.right) -
          Math.max(box.left, other.box.left);
        const high = Math.min(box.bottom, other.box.bottom) -
          Math.max(box.top, other.box.top);
        if (wide > 2 && high > 7) {
          found.push(svg.closest("figure").id + ": " + text.textContent +
            " is upon " + other.text.textContent);
        }
      }
    }
  }
  return found;
})()`;

/** The chapters are those whose charts have the most to place. */
const cases: [what: string, odd: Odd, chapters: string[]][] = [
  ["a hundred series", hundred, ["frameworks", "three-styles"]],
  ["names in signs", named(names[1]!), ["frameworks"]],
  ["names in scripts", named(names[2]!), ["frameworks"]],
  ["huge values", undecided["huge values"]!, ["load-models", "event-loop"]],
];

const browser = await launchBrowser();
after(() => browser.close());

function stemOf(file: string): string {
  return path.basename(file, ".ts");
}

for (const [what, odd, chapters] of cases) {
  test(`of ${what} no text is upon another, and no page scrolls sideways`, async () => {
    const folder = temporaryFolder();
    writeOdd(folder, odd);
    for (const file of findNotebooks(chapters)) {
      const module = await import(pathToFileURL(file).href);
      const notebook: Notebook = module.default;
      const name = path.join(folder, `${stemOf(file)}.html`);
      fs.writeFileSync(name, render(notebook, folder).html);
      const page = await browser.newPage();
      for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(pathToFileURL(name).href);
        const found = await page.evaluate(faults);
        assert.deepEqual(found, [], `${stemOf(file)} at ${width}`);
      }
      await page.close();
    }
  });
}
