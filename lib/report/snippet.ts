/** Snippets: cut out of the scripts, so that they can't drift from them. */
import { readFileSync } from "node:fs";

/**
 * The lines between `// #region name` and the `// #endregion` after it, in a
 * file of this project, moved to the left margin.
 *
 * @throws {Error} when the file has no such region
 */
export function snippet(file: string, name = "schedule"): string {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  return cut(text, name, file);
}

/** What {@link snippet} does, with a text. */
export function cut(text: string, name: string, file: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  const length = lines.slice(first)
    .findIndex((line) => line.trim() === "// #endregion");
  if (first < 0 || length < 0) throw new Error(`${file} has no region ${name}`);
  const inside = lines.slice(first + 1, first + length);
  const margins = inside.filter((line) => line.trim() !== "")
    .map((line) => line.search(/\S/));
  const margin = Math.min(...margins);
  return inside.map((line) => line.slice(margin)).join("\n");
}
