/**
 * Charts in a real browser: what they say when somebody looks closer, and what is
 * saved of them. Only Deno runs this one, as it does demo_browser_test.ts.
 */
import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import fs from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  runScript,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import { writeResults } from "../../scripts/dev/testing/hostile.ts";
import { launchBrowser } from "../../scripts/dev/testing/browser.ts";

const folder = temporaryFolder();
writeResults(folder, ["a", "<b>&", "\ufffe", "\x1b[31m"]);
const { code, stderr } = await runScript("report.ts", "--results", folder);
assert.equal(code, 0, stderr);

const browser = await launchBrowser();
after(() => browser.close());

/** A chapter's page, by its name. */
async function open(name: string, width = 1280, colorScheme = "light") {
  const viewport = { width, height: 800 };
  const page = await browser.newPage({ viewport, colorScheme });
  page.on("pageerror", (error: Error) => assert.fail(error));
  await page.goto(pathToFileURL(path.join(folder, `${name}.html`)).href);
  return page;
}

/** Evaluated in the page: the tip, and how far it is outside of the window. */
const seen = `(() => {
  const tip = document.querySelector(".tip");
  const { left, top, right, bottom } = tip.getBoundingClientRect();
  const outside = Math.max(-left, -top, right - innerWidth, bottom - innerHeight);
  return { text: tip.hidden ? "" : tip.textContent, outside };
})()`;

/** Evaluated: the middle of each mark of a kind, in the window. */
const middles = (marks: string) =>
  `[...document.querySelectorAll("${marks}")]
  .map((mark) => mark.getBoundingClientRect())
  .map(({ x, y, width, height }) => [x + width / 2, y + height / 2])`;

for (const width of [390, 1280]) {
  test(`each dot shows its values under a mouse at ${width} px, within the window`, async () => {
    const page = await open("three-styles", width);
    const shown = width < 640 ? ".narrow" : ".wide";
    await page.locator(`#elapsed ${shown} svg`).scrollIntoViewIfNeeded();
    const dots = await page.evaluate(middles(`#elapsed ${shown} circle`));
    assert.ok(dots.length > 30);
    const said = new Set<string>();
    for (const [x, y] of dots) {
      await page.mouse.move(x, y);
      const { text, outside } = await page.evaluate(seen);
      assert.match(text, /^[\w +-]+, call .*: [\d.]+ ms, \S/);
      assert.ok(outside <= 0, `${text} is ${outside} px outside`);
      said.add(text.split(",")[0]);
    }
    assert.deepEqual(
      [...said].sort(),
      ["async", "async + RabbitMQ", "semaphore-3", "sync"],
    );
    await page.keyboard.press("Escape");
    assert.equal((await page.evaluate(seen)).text, "");
    await page.close();
  });
}

test("each kind of mark has a tip: bars, means, lines, areas, cells", async () => {
  const kinds: [string, string, RegExp][] = [
    ["three-styles", "#total [data-mark=vector] path", /mean [\d.]+ s, 95 %/],
    ["event-loop", "#times-and-lags rect", /due from .* to .* s|stood still/],
    ["rate-limit", "#refused rect", /naive, fixed: 1 refused/],
    [
      "frameworks",
      "#p50 [data-mark=dot] path",
      /bare, base64, trial \d: [\d.]+ ms, in doubt: /,
    ],
  ];
  for (const [name, marks, says] of kinds) {
    const page = await open(name);
    const [chart, mark] = marks.split(/ (.*)/);
    await page.locator(`${chart} .wide svg`).scrollIntoViewIfNeeded();
    const found = `${chart} .wide [data-told] ${mark}`
      .replace(/\[data-told\] (\[.*?\]) /, "$1 [data-told] ");
    const [first] = await page.evaluate(middles(found)) as [number, number][];
    await page.mouse.move(...first ?? [0, 0]);
    assert.match((await page.evaluate(seen)).text, says, marks);
    await page.close();
  }
});

test("a step of an area is the one that the mouse is over", async () => {
  const page = await open("load-models");
  await page.locator("#rates-in-time .wide svg").scrollIntoViewIfNeeded();
  const { x, y, width, height } = await page
    .locator("#rates-in-time .wide [data-mark=area] path").first()
    .boundingBox();
  const times: number[] = [];
  for (const share of [0.2, 0.4, 0.6]) {
    await page.mouse.move(x + share * width, y + height - 2);
    const { text } = await page.evaluate(seen);
    times.push(Number(/from ([\d.]+) s: .* a second/.exec(text)?.[1]));
  }
  const [one, two, three] = times as [number, number, number];
  assert.ok(one < two && two < three, String(times));
  // As far apart as they are on the axis.
  assert.ok(Math.abs((two - one) - (three - two)) < 0.02, String(times));
  await page.close();
});

test("the arrow keys go through a chart's marks, and Escape closes the tip", async () => {
  const page = await open("queue");
  const chart = page.locator("#consumers .wide svg");
  await chart.focus();
  const press = async (key: string) => {
    await page.keyboard.press(key);
    return (await page.evaluate(seen)).text;
  };
  const first = await press("ArrowRight");
  assert.match(first, /^1 consumer, trial 1: /);
  assert.match(await press("ArrowRight"), /^1 consumer, trial 2: /);
  assert.equal(await press("ArrowLeft"), first);
  assert.match(await press("ArrowDown"), /^4 consumers, trial 1: /);
  assert.match(await press("End"), /mean/);
  assert.equal(await press("Home"), first);
  assert.equal(await press("Escape"), "");
  await page.close();
});

test("a tap shows the tip, and one elsewhere closes it", async () => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 800 },
    hasTouch: true,
  });
  const page = await context.newPage();
  await page.goto(pathToFileURL(path.join(folder, "queue.html")).href);
  await page.locator("#consumers .narrow svg").scrollIntoViewIfNeeded();
  const [[x, y]] = await page.evaluate(middles("#consumers .narrow circle"));
  await page.touchscreen.tap(x, y);
  assert.match((await page.evaluate(seen)).text, /^1 consumer, trial \d: /);
  await page.touchscreen.tap(2, 2);
  assert.equal((await page.evaluate(seen)).text, "");
  await context.close();
});

test("the legend hides a series in both drawings, and shows it again", async () => {
  const page = await open("three-styles");
  const legend = page.locator("#elapsed .legend button");
  assert.deepEqual(
    await legend.allTextContents(),
    ["sync", "async", "semaphore-3", "async + RabbitMQ"],
  );
  const hidden = () =>
    page.evaluate(`["wide", "narrow"].map((drawing) =>
      [...document.querySelectorAll("#elapsed ." + drawing + " circle")]
        .filter((dot) => dot.closest("[display=none]")).length)`);
  assert.deepEqual(await hidden(), [0, 0]);
  const button = legend.nth(1);
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  const [wide, narrow] = await hidden();
  assert.ok(wide > 0 && wide === narrow);
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  assert.deepEqual(await hidden(), [0, 0]);
  assert.equal(await page.locator("#refused .legend").count(), 0);
  await page.close();
});

/** Evaluated: what a browser and an XML parser make of a saved SVG. */
const lookAt = (svg: string) =>
  `(async () => {
  const text = ${JSON.stringify(svg)};
  const root = new DOMParser().parseFromString(text, "image/svg+xml")
    .documentElement;
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(text);
  await image.decode();
  return {
    name: root.localName,
    namespace: root.namespaceURI,
    size: ["width", "height"].map((name) => Number(root.getAttribute(name))),
    viewBox: root.getAttribute("viewBox"),
    font: root.getAttribute("font-family"),
    title: root.querySelector("title").textContent,
    desc: root.querySelector("desc").textContent,
    dots: root.querySelectorAll("circle").length,
    natural: [image.naturalWidth, image.naturalHeight],
    rest: text.match(/var\\(|currentColor|data-told|tabindex|display="none"/g),
    paper: root.querySelector("rect").getAttribute("fill"),
  };
})()`;

for (const [scheme, paper] of [["light", 255], ["dark", 20]] as const) {
  test(`what is saved in ${scheme} stands alone, without what is hidden`, async () => {
    const page = await open("three-styles", 390, scheme);
    const save = async (kind: string): Promise<Buffer> => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator("#elapsed button", { hasText: `Save as ${kind}` }).click(),
      ]);
      const file = `elapsed.${kind.toLowerCase()}`;
      assert.equal(download.suggestedFilename(), file);
      return fs.readFileSync(await download.path());
    };
    const dots = await page.locator("#elapsed .wide circle").count();
    const svg = await page.evaluate(lookAt(String(await save("SVG"))));
    assert.equal(svg.name, "svg");
    assert.equal(svg.namespace, "http://www.w3.org/2000/svg");
    assert.equal(svg.viewBox, `0 0 ${svg.size.join(" ")}`);
    assert.deepEqual(svg.natural, svg.size);
    assert.match(svg.font, /sans-serif/);
    assert.match(svg.title, /the median call/);
    assert.match(svg.desc, /^The calls of the same trials/);
    assert.equal(svg.dots, dots);
    assert.equal(svg.rest, null);
    assert.match(svg.paper, new RegExp(`^rgb\\(${paper}, `));

    await page.locator("#elapsed .legend button").nth(1).click();
    const less = await page.evaluate(lookAt(String(await save("SVG"))));
    assert.ok(less.dots > 0 && less.dots < dots);
    assert.equal(less.rest, null);

    const png = await save("PNG");
    assert.equal(png.toString("latin1", 1, 4), "PNG");
    assert.deepEqual(
      [png.readUInt32BE(16), png.readUInt32BE(20)],
      svg.size.map((side: number) => 2 * side),
    );
    // Its corner is of the scheme's paper.
    const corner = await page.evaluate(`(async () => {
      const image = new Image();
      image.src = "data:image/png;base64,${png.toString("base64")}";
      await image.decode();
      const canvas = document.createElement("canvas");
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      return context.getImageData(1, 1, 1, 1).data[0];
    })()`);
    assert.equal(corner, paper);
    await page.close();
  });
}

test("without JavaScript the charts are there, and nothing dead", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const file = path.join(folder, "three-styles.html");
  await page.goto(pathToFileURL(file).href);
  assert.ok(await page.locator("#elapsed .wide svg").isVisible());
  assert.equal(await page.locator("button, .tip, [tabindex] svg").count(), 0);
  const figures = page.locator("#elapsed details");
  assert.ok(!await figures.locator("table").isVisible());
  await figures.locator("summary").click();
  assert.ok(await figures.locator("table").isVisible());
  await context.close();
});
