/** Results that try to run code in the browser of their reader. */
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { eventually, runScript, temporaryFolder } from "./testing/processes.ts";
import { hostile, writeResults } from "./testing/hostile.ts";
import { visible } from "../../lib/text.ts";
import { launchBrowser } from "./testing/browser.ts";

/**
 * Evaluated in the page: its elements, addresses and text. The spans that color a
 * command are left out: their number depends on its text.
 */
const lookAround = `({
  parts: [...document.querySelectorAll(":not(code span)")].map((element) =>
    [element.localName, ...element.getAttributeNames().sort()].join(" ")),
  addresses: [...document.querySelectorAll("[href], [src], [*|href]")]
    .flatMap((element) => [...element.attributes])
    .filter(({ name }) => /href$|src$/.test(name)).map(({ value }) => value),
  text: document.documentElement.textContent,
  sideways: document.documentElement.scrollWidth - innerWidth,
})`;

interface Sight {
  parts: string[];
  addresses: string[];
  text: string;
  sideways: number;
}

/** What a page would do if a result could run code in it. */
const askFor = (url: string) => `
  const form = document.createElement("form");
  form.action = ${JSON.stringify(url)};
  const base = document.createElement("base");
  base.href = form.action;
  const image = new Image();
  image.src = form.action;
  const frame = document.createElement("iframe");
  frame.src = form.action;
  const style = document.createElement("style");
  style.textContent = "@import '" + form.action + "'; body { background: url(" +
    form.action + ") }";
  document.body.append(form, base, image, frame, style);
  form.submit();
  fetch(form.action).catch(() => {});
`;

const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/;

async function render(texts: string[]): Promise<string> {
  const folder = temporaryFolder();
  writeResults(folder, texts);
  const { code, stderr } = await runScript("report.ts", "--results", folder);
  assert.equal(code, 0, stderr);
  return folder;
}

test("no text of a result becomes more than text in a notebook", async (t) => {
  // Of the same length, since Plot cuts long labels.
  const names = hostile.map((text, index) =>
    text.replace(/[^a-z0-9]/gi, "x") + index
  );
  const [attacked, clean] = await Promise.all([render(hostile), render(names)]);
  const pages = fs.readdirSync(attacked).filter((file) => /html$/.test(file));
  const chapters = fs.readdirSync(new URL("../../notebooks", import.meta.url))
    .filter((file) => file.endsWith(".ts"));
  assert.equal(pages.length, chapters.length + 1);

  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("dialog", (dialog: { message(): string; dismiss(): void }) => {
    faults.push(`dialog ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("pageerror", (error: Error) => faults.push(error.message));
  page.on("console", (message: { type(): string; text(): string }) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("request", (request: { url(): string }) => {
    if (!/^(file|data):/.test(request.url())) faults.push(request.url());
  });

  async function open(folder: string, file: string): Promise<Sight> {
    await page.goto(pathToFileURL(path.join(folder, file)).href);
    return await page.evaluate(lookAround);
  }
  for (const file of pages) {
    const expected = await open(clean, file);
    const html = fs.readFileSync(path.join(attacked, file), "utf8");
    assert.match(html, policy);
    const bare = `bare-${file}`;
    fs.writeFileSync(path.join(attacked, bare), html.replace(policy, ""));
    const unprotected = await open(attacked, bare);
    await page.setViewportSize({ width: 390, height: 800 });
    const { parts, addresses, text, sideways } = await open(attacked, file);
    await page.setViewportSize({ width: 1280, height: 800 });
    assert.ok(sideways <= 0, `${file} scrolls sideways on a phone`);
    assert.ok(expected.sideways <= 0, `${file} scrolls sideways`);

    // It has exactly the elements and attributes of the clean page.
    assert.deepEqual(parts.toSorted(), expected.parts.toSorted(), file);
    assert.equal(unprotected.parts.length, parts.length - 1);
    assert.equal(parts.filter((part) => part === "script").length, 1);
    assert.ok(
      parts.some((part) => part.startsWith("svg ")),
      `${file} has no chart: scripts/dev/testing/hostile.ts writes no results for it`,
    );
    for (const address of addresses) {
      assert.match(address, /^(data:,|#[\w-]+|[\w-]+\.html)$/);
    }
    // Each chapter shows the commands of its runs, which contain all texts.
    if (file === "index.html") continue;
    for (const each of hostile) {
      assert.ok(text.includes(visible(each)), `${file} has no ${each}`);
    }
  }
  assert.deepEqual(faults, []);

  const asked: string[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url!);
    response.end();
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await open(attacked, pages[0]!);
  await page.evaluate(askFor(`http://127.0.0.1:${port}/`));
  await page.waitForTimeout(200);
  assert.deepEqual(asked, []);
  await open(attacked, `bare-${pages[0]}`);
  // The form may navigate away before the evaluation returns.
  await page.evaluate(askFor(`http://127.0.0.1:${port}/`)).catch(() => {});
  await eventually("a request without a policy", () => asked.length > 0);
});
