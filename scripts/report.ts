/**
 * What do the results show?
 *
 *     deno run -A scripts/report.ts
 *     deno run -A scripts/report.ts three-styles --results elsewhere
 *
 * Renders each chapter of notebooks/ from the CSVs in results/ to one HTML file
 * that opens from disk, and an index of them all, and prints their paths. With
 * the names of chapters it renders only those, and no index. What is wrong with
 * a CSV is said, and the rest is rendered.
 */
import fs from "node:fs";
import path from "node:path";
import { closest } from "fastest-levenshtein";
import { Failure, main, messageOf, say } from "../lib/failure.ts";
import { makeFolder, replaceFile } from "../lib/files.ts";
import { readOptions, text, wrong } from "../lib/options.ts";
import { index } from "../lib/report/index_page.ts";
import { type Notebook } from "../lib/report/chapter.ts";
import { page } from "../lib/report/page.ts";
import { measuredNames } from "../lib/trials/trials.ts";
import { visible } from "../lib/visible.ts";

const options = readOptions({
  results: text("FOLDER", "results", "where the CSVs are"),
  out: text(
    "FOLDER",
    undefined,
    "where the pages go (default: the folder of the CSVs)",
  ),
}, Infinity);
const { results, positionals: names, out = results } = options;

const folder = new URL("../notebooks/", import.meta.url);
const stems = fs.readdirSync(folder).sort()
  .filter((file) => file.endsWith(".ts") && !file.endsWith("_test.ts"))
  .map((file) => path.basename(file, ".ts"));

for (const name of names) {
  if (stems.includes(name)) continue;
  const nearest = closest(name, stems);
  wrong(
    `${name} is not a chapter; did you mean ${nearest}? ` +
      `There are: ${stems.join(", ")}`,
  );
}

await main(async () => {
  if (measuredNames(results).length === 0) {
    throw new Failure(
      `${results} has no metrics_*.csv; deno task demo measures them all, ` +
        "and --results names another folder",
    );
  }

  const chapters = [];
  for (const stem of names.length > 0 ? names : stems) {
    const module = await import(new URL(`${stem}.ts`, folder).href);
    const notebook: Notebook | undefined = module.default;
    if (!notebook?.write) continue;
    chapters.push({ stem, ...notebook, ...notebook.write(results) });
  }
  chapters.sort((a, b) => a.chapter - b.chapter);
  for (const { stem, title, body, problems } of chapters) {
    problems.forEach((problem) => say(visible(problem)));
    save(`${stem}.html`, page(title, body));
  }
  if (names.length === 0) save("index.html", index(chapters));
});

function save(file: string, html: string) {
  try {
    makeFolder(out);
    replaceFile(path.join(out, file), html);
  } catch (error) {
    throw new Failure(
      `--out ${out} can't be written (${messageOf(error)}); ` +
        "name a folder that can",
    );
  }
  console.log(path.join(out, file));
}
