/** The page that says what each chapter found. */
import type { Chapter } from "./chapter.ts";
import { smallChart } from "./chart.ts";
import { html, unbroken } from "./html.ts";
import { page } from "./page.ts";

/** One line and one small chart of what each chapter found. */
export function index(
  chapters: ({ stem: string; title: string } & Chapter)[],
): string {
  const entries = chapters.map(({ stem, title, found }) => {
    const [line, chart] = typeof found === "string"
      ? [found, undefined]
      : [found.title, smallChart({ ...found, name: `${stem}-${found.name}` })];
    return html`
      <section>
      <h2><a href="${stem}.html">${title}</a></h2>
      <p>${unbroken(line)}.</p>
      ${chart}
      </section>
    `;
  });
  return page("Call Styles", html`${entries}`, { isIndex: true });
}
