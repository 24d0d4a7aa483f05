/**
 * Chapters as Jupyter's notebooks, with their charts as outputs: nbformat 4.5,
 * https://nbformat.readthedocs.io/en/latest/format_description.html
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { visible } from "../../lib/text.ts";
import type { Written } from "./chapters.ts";
import { html } from "./html.ts";
import { toMarkdown } from "./markdown.ts";
import { type Drawing, postOf, PROGRAM, type Root } from "./post.ts";
import type { Output } from "./save.ts";

type Node = Root["children"][number];

interface Cell {
  cell_type: "markdown" | "code";
  metadata: object;
  source: string[];
  [more: string]: unknown;
}

/** As Deno's kernel writes it; other readers see TypeScript. */
const metadata = {
  kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
  language_info: {
    codemirror_mode: "typescript",
    file_extension: ".ts",
    mimetype: "text/x.typescript",
    name: "typescript",
    nbconvert_exporter: "script",
    pygments_lexer: "typescript",
  },
};

export function ipynb({ stem, title, body }: Written): Output {
  const { root, drawings } = postOf(body.html, stem, ".ipynb");
  const heading: Node = {
    type: "heading",
    depth: 1,
    children: [{ type: "text", value: visible(title) }],
  };
  const cells = parts([heading, ...root.children], drawings)
    .map((part) => cellOf(part, stem));
  const all = {
    cells: withIds(cells),
    metadata,
    nbformat: 4,
    nbformat_minor: 5,
  };
  return { file: `${stem}.ipynb`, text: `${JSON.stringify(all, null, 1)}\n` };
}

type Part = Node[] | Drawing | { program: string };

/** What becomes a cell each: charts, programs, and the text between them. */
function parts(nodes: Node[], drawings: Drawing[]): Part[] {
  const found: Part[] = [];
  let text: Node[] = [];
  const end = () => {
    if (text.length > 0) found.push(text);
    text = [];
  };
  for (const node of nodes) {
    const drawing = drawings.find(({ file }) => isImage(node, file));
    const isProgram = node.type === "code" && node.lang === PROGRAM;
    // The program has the lines that stand before it.
    if (isProgram && text.at(-1)?.type === "code") text.pop();
    if (drawing || isProgram || isSection(node)) end();
    if (drawing) found.push(drawing);
    else if (isProgram) found.push({ program: node.value });
    else text.push(node);
  }
  end();
  return found;
}

function isImage(node: Node, url: string): boolean {
  if (node.type !== "paragraph" || node.children.length !== 1) return false;
  const [only] = node.children;
  return only!.type === "image" && only!.url === url;
}

function isSection(node: Node): boolean {
  return node.type === "heading" && node.depth === 2;
}

function cellOf(part: Part, stem: string): Cell {
  if (Array.isArray(part)) {
    const source = lines(toMarkdown({ type: "root", children: part }).trim());
    return { cell_type: "markdown", metadata: {}, source };
  }
  if ("program" in part) return codeCell(part.program.trimEnd(), []);
  const command = `deno run -A scripts/report.ts ${stem} --format ipynb`;
  return codeCell(`// Drawn by: ${command}`, [{
    output_type: "display_data",
    data: {
      "text/html": lines(imageOf(part)),
      "image/svg+xml": lines(part.svg.trimEnd()),
      "text/plain": lines(part.title),
    },
    metadata: {},
  }]);
}

/**
 * For those who show an SVG as an image only: JupyterLab if it doesn't trust the
 * notebook, and what cleans SVG as if it were HTML, as nbconvert did from 6.5.3
 * to 7.6 (https://github.com/jupyter/nbconvert/issues/1894).
 */
function imageOf({ title, svg }: Drawing): string {
  const data = Buffer.from(svg).toString("base64");
  return html`<img alt="${title}" src="data:image/svg+xml;base64,${data}">`
    .html;
}

function codeCell(source: string, outputs: object[]): Cell {
  return {
    cell_type: "code",
    execution_count: null,
    // Of a chart only the chart is of interest.
    metadata: outputs.length > 0 ? { jupyter: { source_hidden: true } } : {},
    outputs,
    source: lines(source),
  };
}

/** As the format keeps them: each with its line break. */
function lines(text: string): string[] {
  return text.split(/(?<=\n)/);
}

/** Ids by content: those of cells that are alike differ by their number. */
function withIds(cells: Cell[]): Cell[] {
  const seen = new Map<string, number>();
  return cells.map((cell) => {
    const hash = createHash("sha256").update(JSON.stringify(cell)).digest("hex")
      .slice(0, 12);
    const before = seen.get(hash) ?? 0;
    seen.set(hash, before + 1);
    return { id: before > 0 ? `${hash}-${before + 1}` : hash, ...cell };
  });
}
