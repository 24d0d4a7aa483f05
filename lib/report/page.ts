/** A page that opens from disk, and asks nothing of anybody. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { visibleLines } from "../visible.ts";
import { type Html, html } from "./html.ts";

const beside = (file: string) => ({
  html: readFileSync(new URL(file, import.meta.url), "utf8"),
});
const style = beside("page.css");
const script = {
  html: ["page.js", "chart.js", "legend.js", "save.js"]
    .map((file) => beside(file).html).join("\n"),
};

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
