/**
 * Programs that run alone: a region of a script in a frame, which stands in for
 * the rest of the script.
 *
 * A frame is a module of frames/ that runs by itself, with a region in that
 * region's place. What it exports is an offer, and left out of a program that
 * doesn't use it. What a program lacks then is taken from the modules that the
 * frame imports, and else from those that the script does.
 */
import path from "node:path";
import { flatGroup } from "d3-array";
import { importLines, isLocal, packagesOf } from "./imports.ts";
import { fill, readText, snippet } from "./snippet.ts";
import { type Imported, type Module, parseModule } from "./statements.ts";
import { plain, type Statement, unexported, wordsOf } from "./statements.ts";

interface Program {
  text: string;
  /** The region's lines, from 0, the last one included. */
  idea: [first: number, last: number];
  /** What it imports from npm, as in `p-limit@7.3.3`. */
  packages: string[];
}

/** A module, and where it is in this project. */
interface Source extends Module {
  file: string;
}

/** A statement of a program, and which file it is from. */
interface Part extends Statement {
  file: string;
}

/**
 * A region of a file in a frame, which is named.
 *
 * @throws {Error} when there is no such file, region or frame
 */
export function programOf(
  file: string,
  region: string,
  frame: string,
): Program {
  const frameFile = `notebooks/kit/snippets/frames/${frame}.ts`;
  const shown = snippet(file, region);
  const own = sourceOf(
    frameFile,
    fill(readText(frameFile), "shown", shown, frameFile),
  );
  const given = own.imports.filter(isLocal)
    .map((imported) => sourceBy(imported, own));
  // The frame stands in for what else the script declares.
  const script = { ...sourceOf(file), statements: [] };
  const used = withoutUnused(own.statements, shown)
    .map((statement) => ({ ...statement, file: frameFile }));
  const sources = [own, ...given, script];
  const { imports, parts } = complete({ imports: [], parts: used }, sources);
  const text = [
    own.header,
    ...importLines(imports),
    ...paragraphs(parts).map((paragraph) => `\n${paragraph}`),
  ].join("\n");
  return { text, idea: linesOf(shown, text), packages: packagesOf(imports) };
}

/** Until all offers that are left are used; what is shown is none. */
function withoutUnused(statements: Statement[], shown: string): Statement[] {
  const isOffer = ({ isExported, text }: Statement) =>
    isExported && !shown.includes(text);
  const used = statements.filter((statement) => {
    if (!isOffer(statement)) return true;
    const words = wordsIn(statements.filter((other) => other !== statement));
    return statement.names.some((name) => words.has(name));
  });
  if (used.length < statements.length) return withoutUnused(used, shown);
  return used.map((each) => isOffer(each) ? unexported(each) : each);
}

interface Parts {
  imports: Imported[];
  parts: Part[];
}

/** With what they lack, as far as a source has it; the first source counts. */
function complete({ imports, parts }: Parts, sources: Source[]): Parts {
  const has = new Set([...imports, ...parts].flatMap(({ names }) => names));
  for (const name of wordsIn(parts)) {
    const found = !has.has(name) && first(sources, (each) => find(name, each));
    if (!found) continue;
    const more = {
      imports: [...imports, ...found.imports],
      parts: [...found.parts, ...parts],
    };
    return complete(more, [...sources, found.source]);
  }
  return { imports, parts };
}

/** An import of what is not this project's, or else a declaration. */
function find(
  name: string,
  source: Source,
): Parts & { source: Source } | undefined {
  const isNamed = ({ names }: { names: string[] }) => names.includes(name);
  const imported = source.imports.find(isNamed);
  if (imported && isLocal(imported)) {
    return find(name, sourceBy(imported, source));
  }
  if (imported) return { imports: [imported], parts: [], source };
  const { file } = source;
  const statement = source.statements.find(isNamed);
  return statement &&
    { imports: [], parts: [{ ...plain(statement), file }], source };
}

function first<T, U>(all: T[], of: (each: T) => U | undefined): U | undefined {
  for (const each of all) {
    const found = of(each);
    if (found) return found;
  }
}

function sourceOf(file: string, text = readText(file)): Source {
  return { file, ...parseModule(text) };
}

/** Where an import comes from: what a folder's mod.ts passes on is elsewhere. */
function sourceBy({ from, names }: Imported, { file }: Source): Source {
  const imported = path.posix.join(path.posix.dirname(file), from);
  const passedOn = /^export (?=(?:type )?\{[^}]*\} from )/gm;
  const text = readText(imported).replace(passedOn, "import ");
  const source = sourceOf(imported, text);
  if (path.posix.basename(imported) !== "mod.ts") return source;
  const next = source.imports
    .find((each) => each.names.some((name) => names.includes(name)));
  return next ? sourceBy(next, source) : source;
}

function wordsIn(statements: Statement[]): Set<string> {
  return wordsOf(statements.map(({ text }) => text).join("\n"));
}

/** Those of a file as they follow each other there. */
function paragraphs(parts: Part[]): string[] {
  return flatGroup(parts, ({ file }) => file).flatMap(([, parts]) => {
    const sorted = parts.toSorted((a, b) => a.index - b.index);
    return flatGroup(sorted, ({ paragraph }) => paragraph)
      .map(([, parts]) => parts.map(({ text }) => text).join("\n"));
  });
}

/** Where some lines are in a text, with any margin. */
function linesOf(lines: string, text: string): [number, number] {
  const trimmed = (text: string) => text.split("\n").map((line) => line.trim());
  const [some, all] = [trimmed(lines), trimmed(text)];
  const at = all.findIndex((_, index) =>
    some.every((line, offset) => all[index + offset] === line)
  );
  return [at, at + some.length - 1];
}
