/** The imports of a program that runs in an empty folder. */
import { ascending, group, sort } from "d3-array";
import { readText } from "./snippet.ts";
import type { Imported } from "./statements.ts";

const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
  readText("package.json"),
);

/** What the lines of a program are formatted to. */
const WIDTH = 80;

/** Whether it is from this project. */
export function isLocal({ from }: Imported): boolean {
  return from.startsWith(".");
}

/** What is imported from npm, as in `p-limit@7.3.3`. */
export function packagesOf(imports: Imported[]): string[] {
  const packages = imports.flatMap(({ from }) => packageOf(from) ?? []);
  return sort(new Set(packages));
}

/** In this project's order: Node's own modules first. */
export function importLines(imports: Imported[]): string[] {
  const sorted = sort(
    imports,
    (a, b) =>
      Number(isFromNpm(a)) - Number(isFromNpm(b)) ||
      ascending(a.from, b.from),
  );
  return [...group(sorted, ({ from }) => from)]
    .map(([from, group]) => importLine(from, group));
}

function importLine(from: string, group: Imported[]): string {
  const byDefault = group.filter(({ isDefault }) => isDefault);
  const named = sort(
    group.filter(({ isDefault }) => !isDefault),
    ({ names: [name] }) => name.toLowerCase(),
  );
  const isTypes = group.every(({ clause }) => clause.startsWith("type "));
  const clauses = named
    .map(({ clause }) => isTypes ? clause.replace("type ", "") : clause);
  const lineWith = (list: string) =>
    `import ${isTypes ? "type " : ""}${
      [...byDefault.map(({ clause }) => clause), ...clauses[0] ? [list] : []]
        .join(", ")
    } from "${specifierOf(from)}";`;
  const line = lineWith(`{ ${clauses.join(", ")} }`);
  if (line.length <= WIDTH) return line;
  return lineWith(`{\n${clauses.map((clause) => `  ${clause},\n`).join("")}}`);
}

function isFromNpm({ from }: Imported): boolean {
  return packageOf(from) !== undefined;
}

/** What Deno takes where there is no package.json. */
function specifierOf(from: string): string {
  const found = packageOf(from);
  return found ? `npm:${found}` : from;
}

function packageOf(from: string): string | undefined {
  const version = dependencies[from];
  return version && `${from}@${version}`;
}
