/** The anchors of a page, and the list of what it holds. */
import { type Html, html } from "./html.ts";

/** A heading's id and text. */
export interface Entry {
  id: string;
  text: Html;
}

/**
 * Gives each second-level heading an id by what it says, and a link to itself
 * unless it leads elsewhere already: these are the entries.
 */
export function anchored(body: Html): { body: Html; entries: Entry[] } {
  const ids = new Set(
    [...body.html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!),
  );
  const entries: Entry[] = [];
  const text = body.html.replace(/<h2>(.*?)<\/h2>/gs, (_, says: string) => {
    const id = unused(slug(says), ids);
    if (says.includes("<a ")) return `<h2 id="${id}">${says}</h2>`;
    entries.push({ id, text: { html: says } });
    return `<h2 id="${id}"><a href="#${id}">${says}</a></h2>`;
  });
  return { body: { html: text }, entries };
}

/** Folded where there is no room beside the text. */
export function contents(entries: Entry[]): Html | undefined {
  if (entries.length === 0) return undefined;
  return html`
    <nav aria-label="Contents">
      <details>
        <summary>Contents</summary>
        <ul>
    ${entries.map(({ id, text }) =>
      html`<li><a href="#${id}">${text}</a></li>\n`
    )}</ul>
      </details>
    </nav>
  `;
}

/** Letters and digits, by hyphens; of markup and of signs nothing is left. */
function slug(says: string): string {
  const text = says.replace(/<[^>]*>|&#39;|'/g, "").replace(/&[^;]*;/g, " ");
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join("-") ?? "section";
}

function unused(id: string, ids: Set<string>): string {
  let name = id;
  for (let n = 2; ids.has(name); n++) name = `${id}-${n}`;
  ids.add(name);
  return name;
}
