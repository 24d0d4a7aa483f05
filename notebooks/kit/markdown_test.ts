import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";
import { marked } from "marked";
import { hostile, writeResults } from "../../scripts/dev/testing/hostile.ts";
import { temporaryFolder } from "../../scripts/dev/testing/processes.ts";
import { findNotebooks, writeChapters } from "./chapters.ts";
import { visible } from "../../lib/text.ts";
import { code } from "./snippets/code.ts";
import { bullets, html, table } from "./html.ts";
import { markdown, toMarkdown } from "./markdown.ts";
import { postOf } from "./post.ts";

const tricky = [
  ...hostile,
  ...["# no heading", "- no item", "1. no item", "> no quote", "---", "==="],
  ...["a | b", "|", "\\|", "`", "``` ```", "~~~", "~~no~~", "*no*", "_no_"],
  ...["[x](javascript:alert(1))", "![x](http://127.0.0.1:1/)", "<http://a.b>"],
  ...["http://127.0.0.1:1/", "www.example.org", "a@example.org", "[^1]: a"],
  ...["[x]: http://127.0.0.1:1/", "[ ] no task", "$x$", "\\(x\\)", "&amp;"],
  ...["a\\", "    no code", "+ no", "a  \nb", "*", "!"],
];

function markdownOf(body: { html: string }): string {
  return toMarkdown(postOf(body.html, "a", ".md").root);
}

/** What a reader of Markdown makes of it. */
function rendered(text: string): Document {
  const html = marked.parse(text, { async: false });
  return new JSDOM(html).window.document;
}

/** As a browser shows it. */
function shown(text: string | null): string {
  return visible(text!.replace(/\n/g, " ")).replace(/\s+/g, " ").trim();
}

function parts(document: Document): string[] {
  return [...document.querySelectorAll("body *")].map((element) =>
    [element.localName, ...element.getAttributeNames().sort()].join(" ")
  );
}

test("no text becomes more than text, wherever it stands", () => {
  const write = (text: string) =>
    html`
      <p>${text}</p>
      <p>One ${text} two</p>
      <h3>${text}</h3>
      ${bullets([text, html`<strong>${text}</strong>`])}
      ${table([text, text], [[text, text]])}
      ${code(text, "ts")}
      <p class="notice">${text}</p>
    `;
  const expected = parts(rendered(markdownOf(write("text"))));
  const document = rendered(markdownOf(html`${tricky.map(write)}`));
  const all = parts(document);
  const leaves = "p, h3, li, th, td, code";
  const said = [...document.querySelectorAll(leaves)]
    .map(({ textContent }) => shown(textContent));
  for (const text of tricky) {
    assert.deepEqual(all.splice(0, expected.length), expected, text);
    const [one, between, ...others] = said.splice(0, 11);
    assert.equal(between, `One ${shown(text)} two`);
    for (const other of [one, ...others]) assert.equal(other, shown(text));
  }
});

test("code has a longer fence than any in it, and a cell its pipes and lines", () => {
  const text = "const a = `\n````ts\n```\n`;";
  const block = rendered(markdownOf(code(text, "ts")))
    .querySelector("pre code")!;
  assert.equal(block.textContent!.trimEnd(), text);
  assert.equal(block.className, "language-ts");
  const cell = html`14 %<small>source: 58 %</small>`;
  const cells = markdownOf(table(["Name", "Share"], [["a|b", cell]]));
  assert.match(cells, /^\| a\\\|b +\| 14 % source: 58 % \|$/m);
  assert.match(cells, /^\| -+ \| -+: \|$/m);
});

test("links lead to posts, and those to places on the page are text", () => {
  const text = markdownOf(
    html`<p><a href="queue.html">a</a>, <a href="#b">b</a>,
    <a href="https://example.org/a.html">c</a></p>`,
  );
  assert.equal(text, "[a](queue.md), b, [c](https://example.org/a.html)\n");
});

test("what only a page can use is left out, and so are programs", () => {
  const [post] = markdown([{
    ...{ stem: "a", title: `A "title"`, chapter: 1 },
    ...{ found: "Nothing", runs: [], problems: [] },
    body: html`
      <nav>Contents</nav><button>Copy</button>
            ${code("shown", "ts")}
            <details class="program"><summary>All</summary>${code(
              "whole",
              "ts",
            )}</details>
            <figure id="f">
        <h3>Found</h3>
        <svg aria-label="Found"></svg>
        <figcaption>How to read it.</figcaption>
        <details><summary>Table</summary>${table(["x"], [["y"]])}</details>
      </figure>
    `,
  }], false).slice(-1);
  assert.equal(
    post!.text,
    '---\ntitle: "A \\"title\\""\n---\n\n```ts\nshown\n```\n\n### Found\n\n' +
      "![Found](a-f.svg)\n\nHow to read it.\n",
  );
});

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
    const document = rendered(body!);
    parts(document).forEach((part) => elements.add(part));
    for (const image of document.querySelectorAll("img")) {
      assert.ok(files.includes(image.getAttribute("src")!), file);
    }
    if (file === "index.md") continue;
    const all = shown(document.body.textContent);
    for (const each of hostile) {
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
