/** Code, as it stands in a file or on a command line. */
import { type Html, html } from "./html.ts";

/** What highlights it, and what its fence says in Markdown. */
export type Language = "ts" | "sh";

/** A block of code; the lines on a command line unless told otherwise. */
export function code(text: string, language: Language = "sh"): Html {
  const block = html`<code class="language-${language}">${text}</code>`;
  return html`<pre tabindex="0">${block}</pre>\n`;
}
