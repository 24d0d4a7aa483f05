import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";
import { code } from "./code.ts";
import { codeDiff } from "./code_diff.ts";
import type { Html } from "../html.ts";

const text = `/*
 * Two lines of
 * a comment.
 */
const a = async () => {
  await b(\`x \${1 < 2 && "y"}\`);
  c("<b>");
};`;

function parsed({ html }: Html) {
  const { document } = new JSDOM(html).window;
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)]
      .map(({ textContent }) => textContent);
  return { document, texts };
}

test("highlighted code is the same text", () => {
  for (const idea of [undefined, /await/, /c\(/, /./]) {
    const { texts } = parsed(code(text, "ts", { idea }));
    assert.deepEqual(texts("pre > code.language-ts"), [text]);
  }
  const command = "deno run -A scripts/a.ts --name '<b>' && b  # 3 times";
  const { texts } = parsed(code(command));
  assert.deepEqual(texts("pre > code.language-sh"), [command]);
});

test("keywords, strings, numbers and comments have their colours", () => {
  const { texts } = parsed(code(text, "ts"));
  assert.deepEqual(texts(".k"), ["const", "async", "await"]);
  assert.deepEqual(texts(".n"), ["1", "2"]);
  assert.ok(texts(".s").includes('"<b>"'));
  assert.deepEqual(texts(".x"), ['${1 < 2 && "y"}']);
  // A comment is told apart in each of its lines.
  assert.equal(texts(".c").length, 4);
});

test("the lines of the idea are marked, those that follow each other as one", () => {
  const marked = (idea: Parameters<typeof code>[2]) =>
    parsed(code(text, "ts", idea)).texts("mark");
  assert.deepEqual(marked({}), []);
  assert.deepEqual(marked({ idea: /await/ }), [
    '  await b(`x ${1 < 2 && "y"}`);\n',
  ]);
  assert.deepEqual(marked({ idea: [[1, 1], [6, 7]] }), [
    " * Two lines of\n",
    '  c("<b>");\n};',
  ]);
});

test("an idea that matches no line is an error", () => {
  assert.throws(
    () => code("f();", "ts", { idea: /g/ }),
    /The idea \/g\/ is in no line of\nf\(\);/,
  );
  assert.throws(() => code("f();", "ts", { idea: [[1, 1]] }), /is in no line/);
});

test("a diff has the lines that go, come and stay, without comments", () => {
  const before = "// One.\nconst a = 1;\nf(() => {\n  g();\n});";
  const after = "// Other.\nlet a = 1;\nf(() => {\n  g();\n});\n// More.";
  const { texts } = parsed(codeDiff(before, after));
  assert.deepEqual(texts("code.language-diff").map((text) => text.trimEnd()), [
    "- const a = 1;\n+ let a = 1;\n  f(() => {\n    g();\n  });",
  ]);
  assert.deepEqual(texts("del"), ["- const a = 1;\n"]);
  assert.deepEqual(texts("ins"), ["+ let a = 1;\n"]);
  assert.deepEqual(texts("del .k, ins .k"), ["const", "let"]);
  assert.deepEqual(parsed(codeDiff(before, before)).texts("del, ins"), []);
});
