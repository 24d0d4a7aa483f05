/** The scripts, as a chapter shows them. */
import { code } from "./code.ts";
import { type Html, html } from "./html.ts";
import { ideas } from "./ideas.ts";
import { snippet } from "./snippet.ts";

/** What a script is about: the part of it that decides. */
export function listing(script: string): Html {
  const file = `scripts/${script}.ts`;
  const idea = ideas[script];
  return html`<h3>${file}</h3>\n${code(snippet(file), "ts", { idea })}`;
}
