/** A page that opens from disk, and asks nothing of anybody. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { visibleLines } from "../visible.ts";
import { type Chart, smallChart } from "./chart.ts";
import { bullets, code, type Html, html, unbroken } from "./html.ts";
import { snippet } from "./snippet.ts";

/** What a module in `notebooks/` exports as its default. */
export interface Notebook {
  /** Its place among the chapters. */
  chapter: number;
  title: string;
  /** Reads the results and says what they show; never throws for bad ones. */
  write(results: string): Chapter;
}

export interface Chapter {
  body: Html;
  /** What the chapter found, in one sentence and one chart, for the index. */
  found: Chart | string;
  /** What is wrong with the files, each as `file:line: message`. */
  problems: string[];
}

const beside = (file: string) => ({
  html: readFileSync(new URL(file, import.meta.url), "utf8"),
});
const style = beside("page.css");
const script = beside("page.js");

/** Nothing is asked of anybody, and no other script runs, whatever a file says. */
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

/** A whole document, in which nothing is hidden or turns the text around it. */
export function page(title: string, body: Html): string {
  const { html: document } = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <title>${title}</title>
        <link rel="icon" href="data:,">
        <style>
        ${style}</style>
      </head>
      <body>
        <main>
        <h1>${title}</h1>
        ${body}</main>
        <script>${script}</script>
      </body>
    </html>
  `;
  return visibleLines(document.trimStart());
}

/** One line and one small chart of what each chapter found. */
export function index(
  chapters: ({ stem: string; title: string } & Chapter)[],
): string {
  const entries = chapters.map(({ stem, title, found }) => {
    const [line, chart] = typeof found === "string"
      ? [found, undefined]
      : [found.title, smallChart({ ...found, name: `${stem}-${found.name}` })];
    return html`
      <section>
      <h2><a href="${stem}.html">${title}</a></h2>
      <p>${unbroken(line)}.</p>
      ${chart}
      </section>
    `;
  });
  return page("Call Styles", html`${entries}`);
}

/** What a script is about: the part of it that decides. */
export function listing(script: string): Html {
  const file = `scripts/${script}.ts`;
  return html`<h3>${file}</h3>\n${code(snippet(file))}`;
}

/** What to do about something that wasn't measured. */
export function missing(what: string, command: string): Html {
  return html`
    <p class="notice">${what} was not measured. This measures it:</p>
    ${code(command)}
  `;
}

/** What is wrong with the files; nothing if nothing is. */
export function problemList(problems: string[]): Html {
  const says = "What is wrong with the results; all that can be used is below.";
  return noticeList(says, problems);
}

/** Which trials are not to be trusted, and why; nothing if all are. */
export function doubtList(doubts: string[]): Html {
  return noticeList("Some trials are in doubt:", doubts);
}

function noticeList(says: string, items: string[]): Html {
  if (items.length === 0) return html``;
  return html`
    <div class="notice">
      <p>${says}</p>
      ${bullets(items)}
    </div>
  `;
}
