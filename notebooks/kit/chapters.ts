/** Finds the notebooks of a report and renders them. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { closest } from "fastest-levenshtein";
import { Failure, messageOf } from "../../lib/exit.ts";
import { wrong } from "../../lib/options.ts";
import type { Chapter, Notebook } from "./notebook_interface.ts";

export interface Written extends Chapter {
  /** Its file's name, without what that ends with. */
  stem: string;
  title: string;
}

const folder = fileURLToPath(new URL("../../notebooks/", import.meta.url));
const ending = ".ts";

/** The project's own notebooks. */
const chapters = fs.readdirSync(folder).sort()
  .filter((file) => file.endsWith(ending) && !file.endsWith("_test.ts"))
  .map((file) => path.join(folder, file));

/**
 * The files of chapters, by their names, and of other notebooks, by their paths;
 * of all chapters if nothing is named. Ends the script if there are no such.
 */
export function findNotebooks(names: string[]): string[] {
  if (names.length === 0) return chapters;
  const files = [...new Set(names.map(fileOf))];
  for (const [index, file] of files.entries()) {
    const other = files.slice(0, index).find((each) => isAlike(each, file));
    if (other) wrong(`${other} and ${file} would be one page; rename one`);
  }
  return files;
}

/** Some disks take names that differ only in case for the same. */
function isAlike(one: string, other: string): boolean {
  return stemOf(one).toLowerCase() === stemOf(other).toLowerCase();
}

function fileOf(name: string): string {
  if (name.endsWith(ending) || path.basename(name) !== name) {
    if (fs.statSync(name, { throwIfNoEntry: false })?.isFile()) return name;
    wrong(
      `there is no notebook ${name}; notebooks/README.md says how to write one`,
    );
  }
  const stems = chapters.map(stemOf);
  if (stems.includes(name)) return path.join(folder, name + ending);
  wrong(
    `${name} is not a chapter; did you mean ${closest(name, stems)}? ` +
      `There are: ${
        stems.join(", ")
      }; a notebook of your own is named by its ` +
      "path, as in ./mine.ts",
  );
}

function stemOf(file: string): string {
  return path.basename(file, ending);
}

/**
 * Renders notebooks from a folder of results.
 *
 * @throws {Failure} that names the file, and the line, of one that can't
 */
export async function writeChapters(
  files: string[],
  results: string,
): Promise<Written[]> {
  const written = [];
  for (const file of files) {
    const { chapter = Infinity, title, write } = await load(file);
    try {
      const body = checked(write(results));
      written.push({ stem: stemOf(file), chapter, title, ...body });
    } catch (error) {
      throw failureOf(file, error);
    }
  }
  return written.sort((a, b) => a.chapter - b.chapter || 0);
}

async function load(file: string): Promise<Notebook> {
  try {
    const module = await import(pathToFileURL(file).href);
    const notebook: Partial<Notebook> | undefined = module.default;
    const isOne = typeof notebook?.title === "string" &&
      typeof notebook.write === "function";
    if (isOne) return notebook as Notebook;
  } catch (error) {
    throw failureOf(file, error);
  }
  throw new Failure(
    `${file} is not a notebook: its default export has to be what notebook() of ` +
      "`report` of notebooks/kit/mod.ts returns; notebooks/README.md shows one",
  );
}

function checked(chapter: Chapter): Chapter {
  const { body, found, runs, problems } = chapter ?? {};
  const isOne = typeof body?.html === "string" && found !== undefined &&
    Array.isArray(runs) && Array.isArray(problems);
  if (isOne) return chapter;
  throw new TypeError("write() has to return body, found, runs and problems");
}

/** What Deno adds to a message: where it comes from. */
const places = /\s+at (?:file|ext):\S+/g;

/** An error in a notebook, with its file and line and without a stack. */
function failureOf(file: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  // Bun has one for each mistake in a file.
  const error = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const place = placeOf(file, error);
  const kind = error instanceof Error && error.name !== "Error"
    ? `${error.name}: `
    : "";
  const message = stripVTControlCharacters(messageOf(error))
    .replace(places, "").trim();
  return new Failure(`${file}${place} can't be rendered: ${kind}${message}`);
}

/** The line that led to the error, as in `:12`, if the runtime tells it. */
function placeOf(file: string, error: unknown): string {
  const { stack = "", position } = Object(error);
  const { href } = pathToFileURL(file);
  const said = [href, fileURLToPath(href)]
    .map((name) =>
      stripVTControlCharacters(String(stack)).split(`${name}:`)[1] ?? ""
    )
    .map((rest) => /^\d+/.exec(rest)?.[0])
    .find((line) => line !== undefined) ?? position?.line;
  return said === undefined ? "" : `:${said}`;
}
