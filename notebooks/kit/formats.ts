/** What a report can be written as. */
import { closest } from "fastest-levenshtein";
import { option } from "../../lib/options.ts";
import type { Written } from "./chapters.ts";
import { index } from "./index_page.ts";
import { page } from "./page.ts";
import type { Output } from "./save.ts";

/** Makes files of chapters, and an index if they are all that there are. */
type Format = (
  chapters: Written[],
  isWhole: boolean,
) => Output[] | Promise<Output[]>;

// The others take modules that most reports don't need.
export const formats: Record<string, Format> = {
  html(chapters, isWhole) {
    const pages = chapters.map(({ stem, title, body }) => (
      { file: `${stem}.html`, text: page(title, body) }
    ));
    const first = { file: "index.html", text: index(chapters) };
    return isWhole ? [...pages, first] : pages;
  },
  async md(chapters, isWhole) {
    const { markdown } = await import("./markdown.ts");
    return markdown(chapters, isWhole);
  },
  async ipynb(chapters) {
    const { ipynb } = await import("./ipynb.ts");
    return chapters.map(ipynb);
  },
};

const names = Object.keys(formats);
const list = names.join(", ").replace(/, (?=\w+$)/, " or ");

/** The option that picks one of them. */
export const format = option(
  "FORMAT",
  `what is written: ${list}`,
  "html",
  (given) => {
    if (Object.hasOwn(formats, given)) return given;
    const nearest = closest(given.toLowerCase(), names);
    throw new RangeError(`takes ${list} (did you mean ${nearest}?)`);
  },
);
