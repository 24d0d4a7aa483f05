/** What one snippet has that another one hasn't. */
import { diffLines } from "diff";
import { highlight } from "./highlight.ts";
import { type Html, html } from "../html.ts";

/**
 * The lines that are the same, those that go (-) and those that come (+). What
 * comments say is not what changed.
 */
export function codeDiff(before: string, after: string): Html {
  const [from, to] = [uncommented(before), uncommented(after)];
  const [old, fresh] = [highlight(from, "ts"), highlight(to, "ts")];
  const lines = diffLines(from, to).map(({ count, added, removed }): Html => {
    const gone = added ? [] : old.splice(0, count);
    const come = removed ? [] : fresh.splice(0, count);
    if (added) return html`<ins>${signed("+", come)}</ins>`;
    if (removed) return html`<del>${signed("-", gone)}</del>`;
    return html`${signed(" ", come)}`;
  });
  const block = html`<code class="language-diff">${lines}</code>`;
  return html`<pre class="diff" tabindex="0">${block}</pre>\n`;
}

function signed(sign: string, lines: Html[]): Html[] {
  return lines.map((line) => html`${sign} ${line}\n`);
}

function uncommented(code: string): string {
  return code.split("\n").filter((line) => !/^\s*\/\//.test(line))
    .map((line) => `${line}\n`).join("");
}
