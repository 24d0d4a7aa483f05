/** The index: what each chapter found. */
import type { Run } from "./trials/mod.ts";
import type { Chapter } from "./notebook_interface.ts";
import { smallChart } from "./chart.ts";
import { code } from "./snippets/mod.ts";
import { type Html, html, unbroken } from "./html.ts";
import { page } from "./page.ts";
import { days } from "./provenance.ts";

interface Entry extends Chapter {
  /** The name of its file, without the end. */
  stem: string;
  title: string;
}

/** What each chapter found, when and where; then those that have no results. */
export function index(chapters: Entry[]): string {
  const empty = chapters.filter(({ found }) => typeof found === "string");
  return page(
    "Call Styles",
    html`
      <p>How the way HTTP calls are made, and the way a server handles them, changes
      what people wait for. Each chapter asks one question, shows the code that it is
      about, and answers with every call that was measured.</p>
      ${chapters.map(entry)}
      ${empty.length > 0 && html`<h2>Not measured yet</h2>`}
      ${empty.map(gap)}
    `,
    { isIndex: true },
  );
}

function entry({ stem, title, found, runs }: Entry): Html {
  if (typeof found === "string") return html``;
  return html`
    <section>
    <h2><a href="${stem}.html">${title}</a></h2>
    <p>${unbroken(found.title)}.</p>
    ${smallChart({ ...found, name: `${stem}-${found.name}` })}
    <p class="where">${whenAndWhere(runs)}</p>
    </section>
  `;
}

function gap({ stem, title }: Entry): Html {
  return html`
    <section>
    <h3><a href="${stem}.html">${title}</a></h3>
    ${code(`deno task demo --only ${stem}`)}
    </section>
  `;
}

function whenAndWhere(runs: Run[]): string {
  if (runs.length === 0) return "No file says when and where.";
  const places = new Set(
    runs.map(({ environment: { runtime, cpus, cpu, os } }) => {
      const processors = cpus && cpu ? `${cpus} x ${cpu}` : cpu;
      return [runtime, processors, os].filter(Boolean).join(", ");
    }),
  );
  return `Measured ${days(runs)}: ${[...places].join("; ")}.`;
}
