/** The scripts, as a chapter shows them. */
import { code } from "./code.ts";
import { type Html, html } from "./html.ts";
import { programOf } from "./program.ts";
import { snippet } from "./snippet.ts";

/** What a script is about: the part of it that decides, in a frame if named. */
export function listing(script: string, frame?: string): Html {
  const file = `scripts/${script}.ts`;
  return html`<h3>${file}</h3>\n${part(file, "schedule", frame)}`;
}

/**
 * A region of a file of this project and, with the name of a frame, the program
 * that it is there (see program.ts).
 */
export function part(file: string, region: string, frame?: string): Html {
  return html`
    <div class="listing">
    ${code(snippet(file, region), "ts")}
    ${frame !== undefined && program(file, region, frame)}
    </div>
  `;
}

function program(file: string, region: string, frame: string): Html {
  const { text, packages } = programOf(file, region, frame);
  const alone = packages.length === 0 ? ["Deno", "Bun", "Node"] : ["Deno"];
  const lines = text.split("\n").length;
  return html`
    <details class="program" data-runtimes="${alone.join(" ").toLowerCase()}">
    <summary>The whole program: ${lines} lines that run alone on ${list(
      alone,
    )}</summary>
    ${packages.length > 0 && elsewhere(packages)}
    ${code(text, "ts")}
    </details>
  `;
}

/** Only Deno takes a package by what the import says. */
function elsewhere(packages: string[]): Html {
  return html`<p>On Bun and Node: first <code>npm install ${
    packages.join(" ")
  }</code>, and in the imports leave out <code>npm:</code> and the versions.</p>`;
}

function list(names: string[]): string {
  return names.join(", ").replace(/, (?=\w+$)/, " and ");
}
