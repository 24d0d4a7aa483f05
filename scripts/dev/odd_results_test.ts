/**
 * Results that no chapter was drawn for. Only Deno runs this one, as it does the
 * tests of the chapters.
 */
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import type { Notebook } from "../../notebooks/kit/notebook_interface.ts";
import { findNotebooks } from "../../notebooks/kit/chapters.ts";
import { render } from "./testing/pages.ts";
import { temporaryFolder } from "./testing/processes.ts";
import { type Odd, type Place, writeOdd } from "./testing/odd.ts";
import {
  hundred,
  impossible,
  impossibleEverywhere,
  mixed,
  named,
  names,
  onlyPossible,
  undecided,
} from "./testing/odd_cases.ts";
import { visible } from "../../lib/text.ts";

const notebooks = await Promise.all(
  findNotebooks([]).map(async (file): Promise<[string, Notebook]> => {
    const { default: notebook } = await import(pathToFileURL(file).href);
    return [path.basename(file), notebook];
  }),
);

interface Page {
  file: string;
  /** The titles of its charts. */
  titles: string[];
  text: string;
}

/** Each chapter of such results, of which none may say what is no number. */
function pagesOf(
  odd: Odd,
  only = "",
  look?: (document: Document) => void,
): [Page, ...Page[]] {
  const results = temporaryFolder();
  writeOdd(results, odd);
  const some = notebooks.filter(([file]) => file.startsWith(only));
  return some.map(([file, notebook]) => {
    const { html, document, texts, stderr } = render(notebook, results);
    assert.ok(html.length < 2e6, `${file} has ${html.length} bytes`);
    const others = stderr.replace(/.*impossible values in .*\n?/g, "");
    assert.match(others, odd.problems ?? /^$/, file);
    const titles = texts("figure h3");
    look?.(document);
    for (const code of document.querySelectorAll("pre, code")) code.remove();
    const main = document.querySelector("main")!;
    for (const element of main.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        assert.doesNotMatch(value, noNumber, `${name} in ${file}`);
      }
    }
    const text = main.textContent!;
    assert.doesNotMatch(text, noNumber, file);
    return { file, titles, text };
  }) as [Page, ...Page[]];
}

const noNumber = /\b(NaN|undefined|null|Infinity)\b|∞|\[object/;

/** Titles that say which of two is more. */
const claim = / times as | (less|longer|more)\b.*\(95 %/;

const claims = (pages: Page[]) =>
  pages.flatMap(({ file, titles }) =>
    titles.filter((title) => claim.test(title))
      .map((title) => `${file}: ${title}`)
  );

const notice = /made on different machines/;

test("usual results have claims in most chapters, and no word of machines", () => {
  const pages = pagesOf({});
  const files = claims(pages).map((said) => said.split(":")[0]);
  assert.ok(new Set(files).size >= 5, files.join());
  for (const { file, text } of pages) assert.doesNotMatch(text, notice, file);
});

for (const [what, odd] of Object.entries(undecided)) {
  test(`${what}: every chapter is drawn, and claims nothing`, () => {
    const pages = pagesOf(odd);
    assert.ok(pages.every(({ titles }) => titles.length > 0));
    assert.deepEqual(claims(pages), []);
  });
}

const unreal = { ...impossible, ...impossibleEverywhere };

for (const [what, odd] of Object.entries(unreal)) {
  test(`${what}: no chapter has a figure of it`, () => {
    pagesOf(odd, "", onlyPossible);
  });
}

test("a claim about calls that failed for the most part says so", () => {
  const row = ({ call }: Place) => ({ status: call < 7 ? 500 : 200 });
  const [{ titles }] = pagesOf({ row }, "three-styles.ts");
  assert.match(titles.join(), /as fast as sync.*; most calls of .* failed/);
});

test("of results from two machines every chapter says so, and names them", () => {
  for (const { file, text } of pagesOf(mixed)) {
    assert.match(text, notice, file);
    for (const machine of [/8 x a processor/, /2 x a processor/]) {
      assert.match(text.split(notice)[1]!, machine, file);
    }
  }
});

test("of a hundred series some are drawn, and the tables have all", () => {
  const pages = pagesOf(hundred);
  const page = (name: string) => pages.find(({ file }) => file === name)!.text;
  const many = ["frameworks.ts", "queue.ts", "three-styles.ts"];
  for (const { file, text } of pages) {
    const some = /Of 10\d .* 12 are drawn/s;
    assert.equal(some.test(text), many.includes(file), file);
  }
  assert.match(page("frameworks.ts"), /server 57\/base64/);
  assert.match(page("three-styles.ts"), /semaphore-57, ours/);
  assert.match(page("queue.ts"), /57 consumers/);
});

for (const some of names) {
  test(`names such as ${visible(some[0]!)} stand as they are, in one line`, () => {
    const [{ text }] = pagesOf(named(some), "frameworks.ts");
    for (const name of some) {
      const label = visible(`${name}/base64`);
      assert.ok(text.includes(label), label);
    }
  });
}
