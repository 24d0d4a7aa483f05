/** The scripts, as a chapter shows them. */
import { code, type Idea } from "./code.ts";
import { type Html, html } from "../html.ts";
import { ideas } from "./ideas.ts";
import { programOf } from "./program.ts";
import { snippet } from "./snippet.ts";

interface Shown {
  /** The lines that are emphasised. */
  idea?: Idea;
  /** The frame that makes the region a program (see program.ts). */
  frame?: string;
}

/** What a script is about: the part of it that decides, in a frame if named. */
export function listing(script: string, frame?: string): Html {
  const file = `scripts/${script}.ts`;
  const shown = { idea: ideas[script], frame };
  return html`<h3>${file}</h3>\n${part(file, "schedule", shown)}`;
}

/** A region of a file of this project, and the program that it makes. */
export function part(
  file: string,
  region: string,
  { idea, frame }: Shown = {},
): Html {
  return html`
    <div class="listing">
    ${code(snippet(file, region), "ts", { idea })}
    ${frame !== undefined && program(file, region, frame)}
    </div>
  `;
}

function program(file: string, region: string, frame: string): Html {
  const { text, idea, packages } = programOf(file, region, frame);
  const alone = packages.length === 0 ? ["Deno", "Bun", "Node"] : ["Deno"];
  const summary = `The whole program: ${text.split("\n").length} lines that ` +
    `run alone on ${listed(alone)}`;
  return html`
    <details class="program" data-runtimes="${alone.join(" ").toLowerCase()}">
    <summary>${summary}</summary>
    ${packages.length > 0 && elsewhere(packages)}
    ${code(text, "ts", { idea: [idea] })}
    </details>
  `;
}

/** Only Deno takes from an import alone which package it is, and which version. */
function elsewhere(packages: string[]): Html {
  return html`<p>On Bun and Node: first <code>npm install ${
    packages.join(" ")
  }</code>, and in the imports leave out <code>npm:</code> and the versions.</p>`;
}

function listed(names: string[]): string {
  return names.join(", ").replace(/, (?=\w+$)/, " and ");
}
