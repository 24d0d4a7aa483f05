/** README and REFERENCE match the project. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { snippet } from "../../notebooks/kit/snippets/snippet.ts";

const root = new URL("../../", import.meta.url);
const read = (file: string) => fs.readFileSync(new URL(file, root), "utf8");
const readme = read("README.md");
const pages = ["README.md", "REFERENCE.md", "notebooks/README.md"];

test("the README's code is cut out of the scripts", () => {
  const blocks = [...readme.matchAll(/^```ts\n(.*?)\n```$/gms)]
    .map(([, code]) => code);
  assert.deepEqual(
    blocks,
    ["sync", "async", "semaphore"].map((name) => snippet(`scripts/${name}.ts`)),
  );
});

for (const folder of ["notebooks", "scripts"]) {
  test(`the README has a row for each of ${folder}`, () => {
    const files = fs.readdirSync(new URL(folder, root))
      .filter((file) => /(?<!_test)\.ts$/.test(file) && file !== "test.ts");
    for (const file of files) {
      const row = `| [${path.basename(file, ".ts")}](${folder}/${file}) `;
      assert.ok(readme.includes(row), `${file} has none`);
    }
  });
}

test("the README explains each dependency", () => {
  const [, table] = readme.split("## Dependencies");
  const { dependencies } = JSON.parse(read("package.json"));
  for (const name of Object.keys(dependencies)) {
    const family = name.replace(/^(hast|mdast)-util-.*/, "$1-util-");
    assert.ok(table!.includes(family), `${name} has none`);
  }
});

test("no link to a file is broken", () => {
  for (const page of pages) {
    for (
      const [, link] of read(page).matchAll(/(?:\]\(|src(?:set)?=")([^)"]+)/g)
    ) {
      if (/^https?:/.test(link!)) continue;
      const there = fs.existsSync(new URL(link!, new URL(page, root)));
      assert.ok(there, `${page} links to ${link}`);
    }
  }
});

test("every script that is named exists", () => {
  for (const page of pages) {
    for (const [script] of read(page).matchAll(/\bscripts\/[\w/-]+\.ts\b/g)) {
      assert.ok(fs.existsSync(new URL(script, root)), `${page} runs ${script}`);
    }
  }
});
