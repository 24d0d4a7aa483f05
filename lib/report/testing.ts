/** What the tests of charts and chapters need. */
import { JSDOM } from "jsdom";
import type { Row } from "../rows.ts";
import { summarize } from "../summary.ts";
import type { Run } from "../results.ts";
import { someRow } from "../testing.ts";
import type { Load } from "./loads.ts";
import { type Notebook, page } from "./page.ts";
import type { Trial } from "./trials.ts";

export const start = Date.parse("2024-05-06T07:08:09.000Z");
export const stall = "http://127.0.0.1:8080/stall";

/** A trial of calls that took so many seconds, ten a second. */
export function trial(
  times: (number | undefined)[],
  given: Partial<Row> = {},
): Trial {
  const rows = times.map((elapsed, index) =>
    someRow({
      url: stall,
      id: String(index + 1),
      timestamp: new Date(start + index * 100),
      elapsed,
      ...given,
    })
  );
  return { rows, summary: summarize(rows) };
}

/** The run of a load that lasted to its end. */
export function someRun(given: Partial<Run> = {}): Run {
  return {
    run: "run-1",
    name: "attack",
    command: "scripts/attack.ts",
    options: {},
    start: new Date(start).toISOString(),
    end: new Date(start + 1e5).toISOString(),
    concurrency: null,
    unique: true,
    environment: {},
    ...given,
  };
}

export function attack(...trials: Trial[]): Load {
  const whose = "the attack's";
  return { label: "attack", whose, color: "red", isOpen: true, trials };
}

export function users(...trials: Trial[]): Load {
  const whose = "the users'";
  return { label: "users", whose, color: "blue", isOpen: false, trials };
}

/** A thousand calls, of which so many took long. */
export function calls(long: number, time = 0.5): number[] {
  return Array.from({ length: 1000 }, (_, id) => id < long ? time : 0.005);
}

/** A chapter as scripts/report.ts writes it, and what that says on stderr. */
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
