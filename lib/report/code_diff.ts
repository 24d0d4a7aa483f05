/** What one snippet has that another one hasn't. */
import { diffLines } from "diff";
import { type Html, html } from "./html.ts";

/**
 * The lines that are the same, those that go (-) and those that come (+). What
 * comments say is not what changed.
 */
export function codeDiff(before: string, after: string): Html {
  const parts = diffLines(uncommented(before), uncommented(after));
  const lines = parts.map(({ value, added, removed }): Html => {
    const sign = added ? "+" : removed ? "-" : " ";
    const text = value.trimEnd().split("\n").map((line) => `${sign} ${line}\n`);
    if (added) return html`<ins>${text}</ins>`;
    return removed ? html`<del>${text}</del>` : html`${text}`;
  });
  return html`<pre class="diff" tabindex="0"><code>${lines}</code></pre>\n`;
}

function uncommented(code: string): string {
  return code.split("\n").filter((line) => !/^\s*\/\//.test(line))
    .map((line) => `${line}\n`).join("");
}
