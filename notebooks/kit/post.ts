/** A chapter as Markdown's tree, with its charts apart: what other formats share. */
import { fromDom } from "hast-util-from-dom";
import { toMdast } from "hast-util-to-mdast";
import { type DOMWindow, JSDOM } from "jsdom";
import { visibleLines } from "../../lib/text.ts";
import { standAlone } from "./drawing.ts";

export type Root = Extract<ReturnType<typeof toMdast>, { type: "root" }>;

/** A chart, and the name of the file that it is to be in. */
export interface Drawing {
  file: string;
  title: string;
  svg: string;
}

export interface Post {
  /** Its charts are images, by the names of their files. */
  root: Root;
  drawings: Drawing[];
}

/** What stands for a program's language in the tree. */
export const PROGRAM = "program";

/** Of lines, to JavaScript; and so to those who read Markdown with it. */
const separators = /[\u2028\u2029]/g;

/**
 * Takes a chapter's HTML, or a whole page's. `stem` begins the names of its
 * charts, and `extension` ends those of the other posts that it leads to.
 */
export function postOf(html: string, stem: string, extension: string): Post {
  const { window } = new JSDOM(visibleLines(html).replace(separators, " "));
  const { document } = window;
  const body = document.querySelector("main") ?? document.body;
  leaveOut(body);
  const drawings = takeDrawings(body, stem, window);
  markPrograms(body);
  quoteNotices(body);
  listTerms(body);
  alignNumbers(body);
  partLines(body);
  mendLinks(body, extension);
  return { root: toMdast(fromDom(body)) as Root, drawings };
}

/** What only a page can have: the means to find one's way, and to copy. */
function leaveOut(body: Element) {
  const of =
    "h1, nav, script, style, button, .buttons, .narrow, figure details";
  body.querySelectorAll(of).forEach((element) => element.remove());
}

function takeDrawings(
  body: Element,
  stem: string,
  window: DOMWindow,
): Drawing[] {
  return [...body.querySelectorAll("svg")].map((svg, index) => {
    const figure = svg.closest("figure");
    const name = figure?.id || svg.getAttribute("class") || String(index + 1);
    const title = svg.getAttribute("aria-label") ??
      figure?.querySelector("h3")?.textContent ?? "";
    const file = `${stem}-${name.replace(/[^\w-]+/g, "-")}.svg`;
    const image = window.document.createElement("img");
    image.src = file;
    image.alt = title;
    svg.replaceWith(image);
    return { file, title, svg: standAlone(svg, title, window) };
  });
}

/** The whole program of the lines above it. */
function markPrograms(body: Element) {
  for (const program of body.querySelectorAll("details.program")) {
    const block = program.querySelector("pre");
    block?.querySelector("code")?.setAttribute("class", `language-${PROGRAM}`);
    program.replaceWith(...block ? [block] : []);
  }
}

function quoteNotices(body: Element) {
  for (const notice of body.querySelectorAll(".notice")) {
    const quote = body.ownerDocument.createElement("blockquote");
    notice.replaceWith(quote);
    quote.append(...notice.localName === "p" ? [notice] : notice.childNodes);
  }
}

/** As `term: what it is`, for want of such a list in Markdown. */
function listTerms(body: Element) {
  for (const list of body.querySelectorAll("dl")) {
    const items = [...list.querySelectorAll("dt")].map((term) => {
      const item = body.ownerDocument.createElement("li");
      const said = term.nextElementSibling?.textContent ?? "";
      item.textContent = `${term.textContent}: ${said}`;
      return item;
    });
    const bullets = body.ownerDocument.createElement("ul");
    bullets.append(...items);
    list.replaceWith(bullets);
  }
}

/** All columns but the first, as the page has them. */
function alignNumbers(body: Element) {
  for (const cell of body.querySelectorAll("tr > :not(:first-child)")) {
    cell.setAttribute("align", "right");
  }
}

/** Separates the lines of a cell by a space. */
function partLines(body: Element) {
  body.querySelectorAll("small").forEach((line) => line.before(" "));
}

/** Links posts to posts, and drops anchors: engines name them differently. */
function mendLinks(body: Element, extension: string) {
  for (const link of body.querySelectorAll("a")) {
    const to = link.getAttribute("href") ?? "";
    const post = to.replace(/^([\w-]+)\.html$/, `$1${extension}`);
    if (to.startsWith("#")) link.replaceWith(...link.childNodes);
    else link.setAttribute("href", post);
  }
}
