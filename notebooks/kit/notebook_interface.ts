/** The notebook interface and its rendered result. */
import type { Run } from "./trials/mod.ts";
import type { Chart } from "./chart.ts";
import type { Html } from "./html.ts";

/** What a module in `notebooks/` exports as its default. */
export interface Notebook {
  /** Its place among the chapters; one of your own has none. */
  chapter?: number;
  title: string;
  /** Renders the results of a folder; never throws for bad ones. */
  write(results: string): Chapter;
}

export interface Chapter {
  body: Html;
  /** What the chapter found, in one sentence and one chart, for the index. */
  found: Chart | string;
  /** Those that its figures come from. */
  runs: Run[];
  /** What is wrong with the files, each as `file:line: message`. */
  problems: string[];
}
