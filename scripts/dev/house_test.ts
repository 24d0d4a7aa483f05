import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Files by their path from the root, each with the files that it imports. */
type House = Map<string, string[]>;

/** Every module but the tests and what helps them, which may import anything. */
function readHouse(): House {
  const files = globSync("{lib,scripts,notebooks}/**/*.ts", { cwd: root })
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => !/_test\.ts$|^scripts\/dev\/testing\//.test(file));
  return new Map(files.map((file) => [file, importsOf(file, textOf(file))]));
}

function textOf(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Types count as well: a reader has to know where they come from. */
function importsOf(file: string, text: string): string[] {
  const statements = text.matchAll(
    /^(?:import|export)\b[^"'`;=]*?"(\.[^"]+\.ts)";/gm,
  );
  return [...statements]
    .map(([, from]) => path.posix.join(path.posix.dirname(file), from!));
}

/** Folders whose files are all open; any other has one door, its mod.ts. */
const OPEN = ["lib", "scripts", "notebooks", "scripts/servers", "scripts/dev"];
const folderOf = (file: string) => path.posix.dirname(file);
const isIn = (file: string, folder: string) => file.startsWith(`${folder}/`);

/** Each rule by what it says, and what breaks it. */
const rules: Record<string, (file: string, imported: string) => boolean> = {
  "lib/ imports nothing from scripts/ or notebooks/": (file, imported) =>
    isIn(file, "lib") && !isIn(imported, "lib"),
  "a folder is imported from outside by its mod.ts": (file, imported) =>
    !OPEN.includes(folderOf(imported)) && !isIn(file, folderOf(imported)) &&
    path.posix.basename(imported) !== "mod.ts",
  "no script is imported": (_, imported) => folderOf(imported) === "scripts",
};

function broken(house: House, breaks: (typeof rules)[string]): string[] {
  return [...house].flatMap(([file, imports]) =>
    imports.filter((imported) => breaks(file, imported))
      .map((imported) => `${file} imports ${imported}`)
  );
}

/** The files of a circle of imports, the first of which is also the last. */
function findCircle(house: House): string[] | undefined {
  const done = new Set<string>();
  function search(file: string, above: string[]): string[] | undefined {
    if (above.includes(file)) {
      return [...above.slice(above.indexOf(file)), file];
    }
    if (done.has(file)) return undefined;
    for (const imported of house.get(file) ?? []) {
      const circle = search(imported, [...above, file]);
      if (circle) return circle;
    }
    done.add(file);
  }
  for (const file of house.keys()) {
    const circle = search(file, []);
    if (circle) return circle;
  }
}

function loadedBy(file: string, house: House, seen = new Set<string>()) {
  if (!seen.has(file)) {
    seen.add(file);
    for (const imported of house.get(file) ?? []) {
      loadedBy(imported, house, seen);
    }
  }
  return seen;
}

/** Lines that are neither empty nor a comment. */
function linesOf(file: string): number {
  const code = textOf(file).replace(/^ *\/\*.*?\*\/$/gms, "");
  return code.split("\n").filter((line) => /^\s*(?!\/\/)\S/.test(line)).length;
}

const house = readHouse();

for (const [rule, breaks] of Object.entries(rules)) {
  test(rule, () => assert.deepEqual(broken(house, breaks), []));
}

test("no file imports itself, by way of others either", () => {
  assert.equal(findCircle(house)?.join(" imports "), undefined);
});

test("what breaks a rule is named by its two files", () => {
  const sample: House = new Map([
    ["lib/row.ts", ["notebooks/kit/mod.ts"]],
    ["notebooks/queue.ts", ["notebooks/kit/rows/read.ts"]],
    ["notebooks/kit/mod.ts", ["notebooks/kit/rows/read.ts"]],
    ["notebooks/kit/rows/read.ts", ["lib/row.ts", "scripts/sync.ts"]],
  ]);
  assert.deepEqual(
    Object.values(rules).map((breaks) => broken(sample, breaks)),
    [
      ["lib/row.ts imports notebooks/kit/mod.ts"],
      [
        "notebooks/queue.ts imports notebooks/kit/rows/read.ts",
        "notebooks/kit/mod.ts imports notebooks/kit/rows/read.ts",
      ],
      ["notebooks/kit/rows/read.ts imports scripts/sync.ts"],
    ],
  );
  assert.equal(
    findCircle(sample)!.join(" imports "),
    "lib/row.ts imports notebooks/kit/mod.ts imports " +
      "notebooks/kit/rows/read.ts imports lib/row.ts",
  );
  const text =
    'import {\n  a,\n} from "./a.ts";\nexport type { B } from "../b.ts";';
  assert.deepEqual(importsOf("lib/c.ts", text), ["lib/a.ts", "b.ts"]);
});

test("each script says what it loads", (context) => {
  for (const script of [...house.keys()].sort()) {
    if (folderOf(script) !== "scripts") continue;
    const files = [...loadedBy(script, house)];
    const lines = files.map(linesOf).reduce((sum, lines) => sum + lines);
    context.diagnostic(`${script} loads ${files.length} files, ${lines} lines`);
  }
});
