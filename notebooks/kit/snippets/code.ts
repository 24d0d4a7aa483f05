/** Code, as it stands in a file or on a command line. */
import { highlight, type Language } from "./highlight.ts";
import { type Html, html } from "../html.ts";

export type { Language };

/** Lines that match, or ranges of lines: from 0, the last one included. */
export type Idea = RegExp | [first: number, last: number][];

/**
 * A block of code, by default of commands. The lines of its `idea` are marked.
 *
 * @throws {Error} when no line matches the idea any more
 */
export function code(
  text: string,
  language: Language = "sh",
  { idea }: { idea?: Idea } = {},
): Html {
  const lines = highlight(text, language);
  const within = idea ? emphasised(lines, linesOf(idea, text)) : joined(lines);
  const block = html`<code class="language-${language}">${within}</code>`;
  return html`<pre tabindex="0">${block}</pre>\n`;
}

function linesOf(idea: Idea, text: string): boolean[] {
  const isIdea = text.split("\n").map((line, index) =>
    idea instanceof RegExp
      ? idea.test(line)
      : idea.some(([first, last]) => first <= index && index <= last)
  );
  if (isIdea.includes(true)) return isIdea;
  throw new Error(`The idea ${idea} is in no line of\n${text}`);
}

/** What is copied stays the same: a line's end is in the mark around it. */
function emphasised(lines: Html[], isIdea: boolean[]): Html {
  const parts = lines.map(({ html }, index) => {
    const start = isIdea[index] && !isIdea[index - 1] ? "<mark>" : "";
    const newline = index < lines.length - 1 ? "\n" : "";
    const end = isIdea[index] && !isIdea[index + 1] ? "</mark>" : "";
    return start + html + newline + end;
  });
  return { html: parts.join("") };
}

function joined(lines: Html[]): Html {
  return { html: lines.map(({ html }) => html).join("\n") };
}
