/** A page's chart as a standalone SVG file. */
import { readFileSync } from "node:fs";
import type { DOMWindow } from "jsdom";

/** The page's colours, by the names that charts have for them: the light ones. */
const colors = new Map(
  [...lightScheme().matchAll(/(--[\w-]+):\s*([^;]+);/g)]
    .map(([, name, value]) => [name!, value!.trim()]),
);

function lightScheme(): string {
  const css = readFileSync(new URL("page.css", import.meta.url), "utf8");
  return css.split("}")[0]!;
}

/** What an XML file can't hold, although HTML can. */
const beyondXml = /[\ufffe\uffff]/g;

/**
 * The XML of a chart, with its colours, its font, its background and its title
 * written into it. It may go into other documents too.
 */
export function standAlone(svg: Element, title: string, window: DOMWindow) {
  const { document } = window;
  const create = (name: string) =>
    document.createElementNS(svg.namespaceURI, name);
  const copy = svg.cloneNode(true) as Element;
  const background = create("rect");
  background.setAttribute("width", "100%");
  background.setAttribute("height", "100%");
  background.setAttribute("fill", "var(--paper)");
  copy.querySelectorAll("[data-told]")
    .forEach((group) => group.removeAttribute("data-told"));
  copy.insertBefore(
    background,
    copy.querySelector(":scope > :not(title, desc)"),
  );
  if (!copy.querySelector(":scope > title")) {
    const heading = create("title");
    heading.textContent = title;
    copy.prepend(heading);
  }
  copy.setAttribute("color", "var(--ink)");
  const xml = new window.XMLSerializer().serializeToString(copy)
    .replace(/var\((--[\w-]+)\)/g, (whole, name) => colors.get(name) ?? whole)
    .replace(beyondXml, "\ufffd");
  return `${xml}\n`;
}
