/**
 * The pages as their readers have them: wide and narrow, light and dark, by
 * keyboard and ear, on paper, without scripts. Only Deno runs this one, as it
 * does demo_browser_test.ts.
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { html, table } from "./html.ts";
import { code } from "./snippets/code.ts";
import { page as document } from "./page.ts";
import {
  runScript,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import { writeResults } from "../../scripts/dev/testing/hostile.ts";
import {
  importUnseen,
  launchBrowser,
} from "../../scripts/dev/testing/browser.ts";

const { default: axe } = await importUnseen("npm:axe-core@4.14.1");

const folder = temporaryFolder();
writeResults(folder, ["one", "two", "three", "four", "five"]);
const reported = await runScript("report.ts", "--results", folder);
assert.equal(reported.code, 0, reported.stderr);
const pages = fs.readdirSync(folder).filter((file) => file.endsWith(".html"));

const browser = await launchBrowser();
after(() => browser.close());

/** Opens a file in a window of its own, and fails for what goes wrong in it. */
async function open(file: string, options: object = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error: Error) => faults.push(error.message));
  page.on("request", (request: { url(): string }) => {
    if (!/^(file|data):/.test(request.url())) faults.push(request.url());
  });
  await page.goto(pathToFileURL(path.join(folder, file)).href);
  const close = async () => {
    await context.close();
    assert.deepEqual(faults, [], file);
  };
  return { page, context, close };
}

/** A page of its own, with what the chapters need not have. */
function write(file: string, body: Parameters<typeof document>[1]) {
  fs.writeFileSync(path.join(folder, file), document("A page", body));
  return file;
}

/** Evaluated in the page: all that a reader can unfold. */
const unfold = `for (const folded of document.querySelectorAll("details")) {
  folded.open = true;
}`;

/** Evaluated in the page, after axe: what it has against it. */
const violations = (options: object) =>
  `axe.run(${JSON.stringify(options)})
  .then(({ violations }) => violations.flatMap(({ nodes }) => nodes)
    .map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary))`;

/** Evaluated in the page. */
const lookAround = `({
  ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
  targets: [...document.querySelectorAll("[href^='#']")]
    .map((link) => link.hash.slice(1)),
  contents: [...document.querySelectorAll("nav a")].map(({ hash }) => hash),
  headings: [...document.querySelectorAll("main h2 > a[href^='#']")]
    .map(({ hash }) => hash),
  levels: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .map(({ localName }) => Number(localName[1])),
  untitled: document.querySelectorAll("figure:not(:has(> h3:first-child))")
    .length,
  unmarked: [...document.querySelectorAll(".language-ts:not(:has(mark))")]
    .map(({ textContent }) => textContent),
})`;

/** Evaluated in the page. */
const sideways = "document.documentElement.scrollWidth - innerWidth";
const paper = `({
  background: getComputedStyle(document.documentElement).backgroundColor,
  shown: [...document.querySelectorAll("button, nav, header a")]
    .filter((element) => element.checkVisibility()).length,
  charts: [...document.querySelectorAll("figure .wide svg")]
    .filter((element) => element.checkVisibility()).length,
  figures: document.querySelectorAll("figure").length,
})`;

for (const file of pages) {
  test(`${file} is in order, for all eyes and ears`, async () => {
    const { page, close } = await open(file);
    const sight = await page.evaluate(lookAround);
    const { ids, levels, contents } = sight;
    assert.equal(new Set(ids).size, ids.length, "an id is there twice");
    for (const target of sight.targets) assert.ok(ids.includes(target), target);
    assert.deepEqual(contents, sight.headings);
    assert.equal(contents.length > 3, file !== "index.html");
    levels.forEach((level: number, index: number) => {
      assert.ok(level <= (levels[index - 1] ?? 0) + 1, `an h${level}`);
    });
    assert.equal(sight.untitled, 0);
    assert.deepEqual(sight.unmarked, []);

    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const { background, shown, charts, figures } = await page.evaluate(paper);
    assert.equal(background, "rgb(255, 255, 255)");
    assert.equal(shown, 0);
    assert.equal(charts, figures);
    await page.emulateMedia({ media: "screen" });
    assert.notEqual((await page.evaluate(paper)).background, background);

    await page.evaluate(unfold);
    for (const width of [320, 390, 1200, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      assert.ok(await page.evaluate(sideways) <= 0, `${width} px`);
    }

    await page.evaluate(axe.source);
    // All that colours can change is the contrast.
    const looks = [
      { colorScheme: "light", width: 1440, options: {} },
      { colorScheme: "light", width: 390, options: {} },
      {
        colorScheme: "dark",
        width: 1440,
        options: { runOnly: ["color-contrast"] },
      },
    ];
    // What all pages have in common is looked at on two of them.
    const all = file === "three-styles.html" || file === "index.html";
    for (const look of all ? looks : looks.slice(0, 1)) {
      const { colorScheme, width, options } = look;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const found: string[] = await page.evaluate(violations(options));
      assert.deepEqual(found.slice(0, 5), [], `${colorScheme}, ${width} px`);
    }
    await close();
  });
}

test("a page is small enough to be sent", () => {
  for (const file of pages) {
    const { size } = fs.statSync(path.join(folder, file));
    assert.ok(size < 300_000, `${file} has ${size} bytes`);
  }
});

test("without scripts there are the contents, and no buttons", async () => {
  const [file] = pages.filter((file) => file !== "index.html");
  const javaScriptEnabled = false;
  const phone = await open(file!, {
    javaScriptEnabled,
    viewport: { width: 390, height: 800 },
  });
  const link = phone.page.locator("nav a").last();
  assert.equal(await link.isVisible(), false);
  await phone.page.locator("nav summary").click();
  await link.click();
  const { hash } = new URL(phone.page.url());
  assert.ok(hash);
  assert.ok(await phone.page.locator(`h2${hash}`).isVisible());
  assert.equal(await phone.page.locator("button").count(), 0);
  await phone.close();

  const desk = await open(file!, {
    javaScriptEnabled,
    viewport: { width: 1440, height: 800 },
  });
  assert.ok(await desk.page.locator("nav a").last().isVisible());
  assert.equal(await desk.page.locator("nav summary").isVisible(), false);
  await desk.close();
});

const hard = html`
  <h2>Of all kinds</h2>
  ${table(["Style", "Total", "|_*"], [
    [
      "async_rabbitmq",
      html`2.14 s
        <small>± 0.01 s</small><small>source: 3 s</small>`,
      html`30 <small>(5 trials)</small>`,
    ],
    ['=cmd|"/C calc"', "1,234", "-"],
    ["<b>_x_</b>", "+5", "-1.5"],
  ])}
  <div class="listing">${code("shown();\nlines();", "ts", { idea: /lines/ })}
    <details class="program"><summary>All of it</summary>
    ${code("import all;\nshown();\nlines();", "ts", { idea: [[1, 2]] })}
    </details></div>
  ${code("deno run -A <b>")}
`;

const copies: [label: string, text: string][] = [
  ["Copy to run", "import all;\nshown();\nlines();"],
  ["Copy these lines", "shown();\nlines();"],
  ["Copy", "deno run -A <b>"],
  [
    "Copy as Markdown",
    "| Style | Total | \\|\\_\\* |\n" +
    "| --- | --: | --: |\n" +
    "| async_rabbitmq | 2.14 s ± 0.01 s; source: 3 s | 30 (5 trials) |\n" +
    '| =cmd\\|"/C calc" | 1,234 | - |\n' +
    "| \\<b\\>\\_x\\_\\</b\\> | +5 | -1.5 |\n",
  ],
  [
    "Copy as CSV",
    "Style,Total,|_*\r\n" +
    "async_rabbitmq,2.14 s ± 0.01 s; source: 3 s,30 (5 trials)\r\n" +
    `"'=cmd|""/C calc""","1,234",-\r\n` +
    "<b>_x_</b>,'+5,-1.5\r\n",
  ],
];

test("each button copies what it says, or selects it where nothing may be copied", async () => {
  const permissions = ["clipboard-read", "clipboard-write"];
  const { page, close } = await open(write("hard.html", hard), { permissions });
  const press = async (name: string, says: string) => {
    const button = page.getByRole("button", { name, exact: true }).last();
    await button.click();
    const status = button.locator("..").getByRole("status");
    await status.getByText(says).waitFor();
  };
  for (const [label, text] of copies) {
    await press(label, "Copied");
    const copied = await page.evaluate("navigator.clipboard.readText()");
    assert.equal(copied, text, label);
  }
  await page.evaluate(`Object.defineProperty(navigator, "clipboard", {})`);
  for (const [label, text] of copies) {
    await press(label, "It is selected");
    const selected = await page.evaluate(`{
      const { value, selectionStart, selectionEnd } = document.activeElement;
      value.slice(selectionStart, selectionEnd);
    }`);
    // A field has no \r\n.
    assert.equal(selected, text.replaceAll("\r\n", "\n"), label);
  }
  await page.locator("h1").click();
  assert.equal(await page.locator("textarea").count(), 0);
  await close();
});
