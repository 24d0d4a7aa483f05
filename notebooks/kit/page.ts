/** A page that opens from disk and makes no request. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { visibleLines } from "../../lib/text.ts";
import { anchored, contents, type Entry } from "./contents.ts";
import { type Html, html } from "./html.ts";

const beside = (...files: string[]) => ({
  html: files.map((file) =>
    readFileSync(new URL(file, import.meta.url), "utf8")
  ).join("\n"),
});
const style = beside(
  "page.css",
  "contents.css",
  "code.css",
  "tables.css",
  "charts.css",
  "print.css",
);
const script = beside("page.js", "chart.js", "legend.js", "save.js");

/** Forbids requests, and scripts other than the page's own. */
const policy = [
  "default-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  `script-src 'sha256-${
    createHash("sha256").update(script.html).digest("base64")
  }'`,
].join("; ");

/**
 * A whole document, in which nothing is hidden or turns the text around it. All
 * but the index lead to that.
 */
export function page(
  title: string,
  body: Html,
  { isIndex = false } = {},
): string {
  const { body: text, entries } = anchored(body);
  const { html: document } = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <meta name="color-scheme" content="light dark">
        <meta name="description" content="${firstParagraph(body)}">
        <title>${title}</title>
        <link rel="icon" href="data:,">
        <style>
        ${style}</style>
      </head>
      <body>
        ${!isIndex && signposts(entries)}
        <main>
        <h1>${title}</h1>
        ${text}</main>
        <script>${script}</script>
      </body>
    </html>
  `;
  return visibleLines(document.trimStart());
}

/** Out of a chapter, and about it. */
function signposts(entries: Entry[]): Html {
  return html`
    <header>
    <a href="index.html">All chapters</a>
    ${contents(entries)}</header>
  `;
}

/** Its text, which may stand between quotation marks. */
function firstParagraph({ html }: Html): Html {
  const [, inner = ""] = /<p>(.*?)<\/p>/s.exec(html) ?? [];
  const text = inner.replace(/<[^>]*>/g, "").replace(/\s+/g, " ").trim();
  return { html: text.replaceAll('"', "&#34;") };
}
