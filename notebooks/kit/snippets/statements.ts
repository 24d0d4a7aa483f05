/** What a module consists of, as far as its names go. */

export interface Module {
  /** The comment that the module begins with. */
  header: string;
  imports: Imported[];
  statements: Statement[];
}

/** A statement at the margin, with the comments right above it. */
export interface Statement {
  text: string;
  /** What it declares. */
  names: string[];
  isExported: boolean;
  /** Its place in the module. */
  index: number;
  /** Between one paragraph and the next there is a blank line. */
  paragraph: number;
}

/** One name that a module imports. */
export interface Imported {
  names: [string];
  /** As in the import: `type Server`. */
  clause: string;
  isDefault: boolean;
  from: string;
}

const comment = /\/\*\*.*?\*\/\n?|(?<!:)\/\/.*?(?:\n|$)/gs;
const declaration =
  /^(export )?(?:async )?(?:function|const|let|type|interface) (\w+|\{.*?\}|\[.*?\])/s;

/** Reads a module that `deno fmt` has formatted. */
export function parseModule(text: string): Module {
  const [header = ""] = /^\/\*\*.*?\*\/\n/s.exec(text) ?? [];
  const all = statementsOf(text.slice(header.length));
  const isImport = ({ text }: Statement) => text.startsWith("import ");
  return {
    header: header.trimEnd(),
    imports: all.filter(isImport).flatMap(({ text }) => importsOf(text)),
    statements: all.filter((statement) => !isImport(statement)),
  };
}

/** The words of some code that may be names of its module. */
export function wordsOf(code: string): Set<string> {
  const bare = code.replace(comment, "").replace(/"(?:[^"\\\n]|\\.)*"/g, "");
  return new Set(bare.match(/(?<![\w$]|(?<!\.)\.)[a-z_][\w$]*(?![\w$]*:)/gi));
}

/** A statement without its comments and its export. */
export function plain(statement: Statement): Statement {
  const text = statement.text
    .replace(/^ *(?:\/\*\*.*?\*\/|\/\/[^\n]*)\n/gms, "");
  return unexported({ ...statement, text });
}

export function unexported(statement: Statement): Statement {
  return { ...statement, text: statement.text.replace(/^export /m, "") };
}

/** What is indented, or closes, goes on with what stood at the margin. */
function statementsOf(text: string): Statement[] {
  const parts: string[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const last = parts.at(-1);
    const goesOn = /^([\s)}\]]|$)/.test(line) || last && isComment(last);
    if (last !== undefined && goesOn) parts.push(`${parts.pop()}\n${line}`);
    else parts.push(line);
  }
  let paragraph = 0;
  return parts.map((part, index) => {
    const [, isExported, names = ""] =
      declaration.exec(part.replace(comment, "")) ?? [];
    return {
      text: part.trimEnd(),
      names: names.match(/\w+/g) ?? [],
      isExported: isExported !== undefined,
      index,
      paragraph: part.endsWith("\n") ? paragraph++ : paragraph,
    };
  });
}

function isComment(text: string): boolean {
  return text.replace(comment, "") === "";
}

function importsOf(text: string): Imported[] {
  const [, type = "", byDefault, named = "", from = ""] =
    /^import (type )?(?:(\w+),? )?(?:\{(.*?)\} )?from "(.*)";$/s.exec(text) ??
      [];
  const clauses = named.split(",").map((clause) => clause.trim())
    .filter((clause) => clause !== "");
  return [
    ...byDefault ? [{ clause: byDefault, isDefault: true }] : [],
    ...clauses.map((clause) => ({ clause: type + clause, isDefault: false })),
  ].map((each) => ({ ...each, names: [each.clause.split(" ").at(-1)!], from }));
}
