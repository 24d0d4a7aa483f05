/** Every chapter as a Markdown post, of results that try to be more than text. */
import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";
import { marked } from "marked";
import { findNotebooks, writeChapters } from "./chapters.ts";
import { markdown } from "./markdown.ts";
import { temporaryFolder } from "../../scripts/dev/testing/processes.ts";
import { hostile, writeResults } from "../../scripts/dev/testing/hostile.ts";
import { visible } from "../../lib/text.ts";

/** As a browser shows it. */
function shown(text: string): string {
  return visible(text.replace(/\n/g, " ")).replace(/\s+/g, " ").trim();
}

test("every chapter is a post of texts, with charts that stand alone", async () => {
  const folder = temporaryFolder();
  writeResults(folder, hostile);
  const chapters = await writeChapters(findNotebooks([]), folder);
  const outputs = markdown(chapters, true);
  const files = outputs.map(({ file }) => file);
  assert.equal(new Set(files).size, files.length);
  const xml = new new JSDOM("").window.DOMParser();
  const elements = new Set<string>();
  for (const { file, text, isPart } of outputs) {
    assert.equal(isPart === true, file.endsWith(".svg"), file);
    if (isPart) {
      const { documentElement: svg } = xml.parseFromString(
        text,
        "image/svg+xml",
      );
      assert.equal(svg.localName, "svg", file);
      assert.ok(svg.querySelector("title")!.textContent, file);
      assert.ok(svg.getAttribute("font-family"), file);
      assert.doesNotMatch(text, /var\(|<script|<img|href/);
      continue;
    }
    const [, front, body] = /^---\ntitle: (".*")\n---\n\n(.*)$/s.exec(text)!;
    assert.ok(JSON.parse(front!));
    const html = marked.parse(body!, { async: false });
    const { document } = new JSDOM(html).window;
    for (const element of document.querySelectorAll("body *")) {
      const attributes = element.getAttributeNames().sort();
      elements.add([element.localName, ...attributes].join(" "));
    }
    for (const image of document.querySelectorAll("img")) {
      assert.ok(files.includes(image.getAttribute("src")!), file);
    }
    if (file === "index.md") continue;
    for (const each of hostile) {
      const all = shown(document.body.textContent!);
      assert.ok(all.includes(shown(each)), `${file} has no ${each}`);
    }
  }
  assert.deepEqual(
    [...elements].filter((part) =>
      !/^(h\d|p|strong|em|br|hr|pre|code|code class|ul|li|blockquote)$/.test(
        part,
      ) &&
      !/^(table|thead|tbody|tr|t[hd]( align)?|a href|img alt src)$/.test(part)
    ),
    [],
  );
});
