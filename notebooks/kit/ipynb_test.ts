import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";
import { JSDOM } from "jsdom";
import type { Written } from "./chapters.ts";
import { code } from "./snippets/code.ts";
import { type Html, html, table } from "./html.ts";
import { ipynb } from "./ipynb.ts";

interface Cell {
  cell_type: string;
  id: string;
  source: string[];
  metadata: object;
  execution_count?: null;
  outputs?: { output_type: string; data: Record<string, string[]> }[];
}

const svg = html`
  <svg xmlns="http://www.w3.org/2000/svg" aria-label="A &lt; B"
  >
    <text fill="var(--sync)">1</text>
  </svg>
`;

const body = html`
  <p>What it is about, for $1.</p>
  <h2>The styles</h2>
  <p>Shown:</p>
  ${code("await call();", "ts")}
  <details class="program"><summary>All</summary>${code(
    'import a from "a";\nawait call();\n',
    "ts",
  )}</details>
  <figure
    id="total"><h3>A &lt; B</h3>${svg}<figcaption>Read it.</figcaption></figure>
  <figure
    id="again"><h3>A &lt; B</h3>${svg}<figcaption>Read it.</figcaption></figure>
  <h2>Figures</h2>
  ${table(["a"], [["b"]])}
  ${code("deno run a.ts")}
  <p>See <a href="queue.html">queue</a>.</p>
`;

function written(body: Html, title = "Calls"): Written {
  const about = { stem: "calls", title, found: "", runs: [], problems: [] };
  return { ...about, body };
}

function cellsOf(body: Html, title?: string): Cell[] {
  return JSON.parse(ipynb(written(body, title)).text).cells;
}

/** What nbformat's schema of 4.5 demands of all that is written here. */
test("the format's rules are kept", () => {
  const { file, text } = ipynb(written(body));
  assert.equal(file, "calls.ipynb");
  const notebook = JSON.parse(text);
  assert.deepEqual(Object.keys(notebook).toSorted(), [
    ...["cells", "metadata", "nbformat", "nbformat_minor"],
  ]);
  const { nbformat, nbformat_minor, metadata } = notebook;
  assert.deepEqual([nbformat, nbformat_minor], [4, 5]);
  assert.deepEqual(
    [metadata.kernelspec.name, metadata.language_info.name],
    ["deno", "typescript"],
  );
  const cells: Cell[] = notebook.cells;
  const ids = cells.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, cell_type, source, metadata, ...rest } of cells) {
    assert.match(id, /^[a-zA-Z0-9_-]{1,64}$/);
    assert.equal(typeof metadata, "object");
    source.slice(0, -1).forEach((line) => assert.match(line, /^[^\n]*\n$/));
    assert.match(source.at(-1)!, /^[^\n]+$/);
    const isCode = cell_type === "code";
    assert.equal(isCode || cell_type === "markdown", true);
    assert.deepEqual(
      Object.keys(rest).toSorted(),
      isCode ? ["execution_count", "outputs"] : [],
    );
    if (isCode) assert.equal(rest.execution_count, null);
  }
});

test("text, programs and charts are cells, in their order", () => {
  const cells = cellsOf(body);
  const found = cells.map(({ cell_type, source }) =>
    `${cell_type}: ${source.join("").split("\n")[0]}`
  );
  assert.deepEqual(found, [
    "markdown: # Calls",
    "markdown: ## The styles",
    'code: import a from "a";',
    "markdown: ### A < B",
    "code: // Drawn by: deno run -A scripts/report.ts calls --format ipynb",
    "markdown: Read it.",
    "code: // Drawn by: deno run -A scripts/report.ts calls --format ipynb",
    "markdown: Read it.",
    "markdown: ## Figures",
  ]);
  assert.doesNotMatch(cells[1]!.source.join(""), /await call/);
  const figures = cells.at(-1)!.source.join("");
  assert.match(figures, /^\| a \|\n/m);
  assert.match(figures, /^```sh\ndeno run a\.ts\n```$/m);
  assert.match(figures, /\[queue\]\(queue\.ipynb\)/);
  // Jupyter makes formulas of what is between dollars.
  assert.match(cells[0]!.source.join(""), /for \\\$1/);
});

test("a chart is an output that stands alone, as XML and as an image", () => {
  const [first] = cellsOf(body).flatMap(({ outputs = [] }) => outputs);
  assert.equal(first!.output_type, "display_data");
  const { "image/svg+xml": xml, "text/html": image, "text/plain": plain } =
    first!.data;
  assert.deepEqual(plain, ["A < B"]);
  const { DOMParser } = new JSDOM("").window;
  const text = xml!.join("");
  const root = new DOMParser().parseFromString(text, "image/svg+xml")
    .documentElement;
  assert.equal(root.querySelector("title")!.textContent, "A < B");
  assert.match(root.querySelector("text")!.getAttribute("fill")!, /^#/);
  const { document } = new JSDOM(image!.join("")).window;
  const { alt, src } = document.querySelector("img")!;
  assert.equal(alt, "A < B");
  const [, data] = src.split("data:image/svg+xml;base64,");
  assert.equal(Buffer.from(data!, "base64").toString().trimEnd(), text);
});

test("ids are by content, and a title is text", () => {
  const ids = (body: Html, title?: string) =>
    cellsOf(body, title).map(({ id }) => id);
  assert.deepEqual(ids(body), ids(body));
  const [first, ...others] = ids(body, "Another title");
  assert.notEqual(first, ids(body)[0]);
  assert.deepEqual(others, ids(body).slice(1));
  const [title] = cellsOf(html`<p>a</p>`, "*<b>\x1b");
  assert.equal(title!.source[0], "# \\*\\<b>␛\n");
});
