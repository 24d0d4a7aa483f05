/**
 * What do the results show?
 *
 *     deno run -A scripts/report.ts
 *     deno run -A scripts/report.ts three-styles --results elsewhere
 *     deno run -A scripts/report.ts --format md
 *     deno run -A scripts/report.ts path/to/mine.ts
 *
 * Renders each chapter of notebooks/ from the CSVs in results/ to one HTML file
 * that opens from disk, and an index of them all, and prints their paths. With
 * the names of chapters, or the paths of your own notebooks, it renders only
 * those, and no index. What is wrong with a CSV is said, and the rest is
 * rendered.
 *
 * --format md writes posts for a blog engine instead, with their charts as SVG
 * files beside them, and --format ipynb Jupyter's notebooks.
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
