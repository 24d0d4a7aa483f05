/** Helpers for tests of charts and chapters. */
import { JSDOM } from "jsdom";
import type { Load } from "../../../notebooks/load-models/loads.ts";
import { type Notebook } from "../../../notebooks/kit/notebook_interface.ts";
import { page } from "../../../notebooks/kit/page.ts";
import type { Trial } from "../../../notebooks/kit/trials/trials.ts";

export function attack(...trials: Trial[]): Load {
  const whose = "the attack's";
  return { label: "attack", whose, color: "red", isOpen: true, trials };
}

export function users(...trials: Trial[]): Load {
  const whose = "the users'";
  return { label: "users", whose, color: "blue", isOpen: false, trials };
}

/** The times of a thousand calls, `long` of which take `time`. */
export function calls(long: number, time = 0.5): number[] {
  return Array.from({ length: 1000 }, (_, id) => id < long ? time : 0.005);
}

/** Renders a chapter as scripts/report.ts does. */
export function render(notebook: Notebook, folder: string) {
  const { body, problems } = notebook.write(folder);
  const html = page(notebook.title, body);
  const stderr = problems.join("\n");
  const { document } = new JSDOM(html).window;
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)]
      .map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim());
  return { stderr, html, document, texts, body: texts("main").join() };
}
