/**
 * What do the results show?
 *
 *     deno run -A scripts/report.ts
 *     deno run -A scripts/report.ts three-styles --results elsewhere
 *     deno run -A scripts/report.ts --format md
 *     deno run -A scripts/report.ts path/to/mine.ts
 *
 * Renders the CSVs in results/ as one HTML file per chapter, and an index, and
 * prints their paths. Name chapters, or the paths of your own notebooks, to render
 * only those, without an index. Problems in a CSV are reported; the rest is
 * rendered.
 *
 * --format md writes blog posts instead, with their charts as SVG files, and
 * --format ipynb Jupyter notebooks.
 */
import { Failure, main, say } from "../lib/exit.ts";
import { readOptions, text } from "../lib/options.ts";
import { visible } from "../lib/text.ts";
import {
  findNotebooks,
  format,
  formats,
  save,
  writeChapters,
} from "../notebooks/kit/mod.ts";
import { measuredNames } from "../notebooks/kit/trials/mod.ts";

const options = readOptions({
  results: text("FOLDER", "results", "where the CSVs are"),
  out: text(
    "FOLDER",
    undefined,
    "where the pages go (default: the folder of the CSVs)",
  ),
  format,
}, Infinity);
const { results, positionals: names, out = results } = options;

const files = findNotebooks(names);
await main(async () => {
  if (measuredNames(results).length === 0) {
    throw new Failure(
      `${results} has no metrics_*.csv; deno task demo measures them all, ` +
        "and --results names another folder",
    );
  }
  const chapters = await writeChapters(files, results);
  for (const problem of chapters.flatMap(({ problems }) => problems)) {
    say(visible(problem));
  }
  const write = formats[options.format]!;
  for (const output of await write(chapters, names.length === 0)) {
    save(out, output);
  }
});
