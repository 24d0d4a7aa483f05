/** Helpers for tests of chapters. */
import { JSDOM } from "jsdom";
import { type Notebook } from "../../../notebooks/kit/notebook_interface.ts";
import { page } from "../../../notebooks/kit/page.ts";

/** Renders a chapter as scripts/report.ts does. */
export function render(notebook: Notebook, folder: string) {
  const { body, problems } = notebook.write(folder);
  const html = page(notebook.title, body);
  const stderr = problems.join("\n");
  const { document } = new JSDOM(html).window;
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)]
      .map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim());
  const title = (chart: string) => texts(`#${chart} h3`).join();
  return { stderr, html, document, texts, title, body: texts("main").join() };
}
