/** Snippets: cut out of the scripts, so that they can't drift from them. */
import { readFileSync } from "node:fs";

/**
 * The lines between `// #region name` and the `// #endregion` after it, in a
 * file of this project, moved to the left margin.
 *
 * @throws {Error} when the file has no such region
 */
export function snippet(file: string, name = "schedule"): string {
  return cut(readText(file), name, file);
}

/** What {@link snippet} does, with a text. */
export function cut(text: string, name: string, file: string): string {
  const { inside } = parted(text, name, file);
  const margins = inside.filter((line) => line.trim() !== "")
    .map((line) => line.search(/\S/));
  const margin = Math.min(...margins);
  return inside.map((line) => line.slice(margin)).join("\n");
}

/** A text with other lines in the place of a region and its markers. */
export function fill(
  text: string,
  name: string,
  lines: string,
  file: string,
): string {
  const { margin, before, after } = parted(text, name, file);
  const moved = lines.split("\n").map((line) => line && margin + line);
  return [...before, ...moved, ...after].join("\n");
}

/** The text of a file of this project. */
export function readText(file: string): string {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
}

function parted(text: string, name: string, file: string) {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  const length = lines.slice(first)
    .findIndex((line) => line.trim() === "// #endregion");
  if (first < 0 || length < 0) throw new Error(`${file} has no region ${name}`);
  return {
    margin: /^ */.exec(lines[first]!)![0],
    before: lines.slice(0, first),
    inside: lines.slice(first + 1, first + length),
    after: lines.slice(first + length + 1),
  };
}
