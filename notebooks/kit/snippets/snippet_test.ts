import assert from "node:assert/strict";
import test from "node:test";
import { cut, fill } from "./snippet.ts";

const script = `
    before();
    // #region schedule
    for (const id of ids) {
      await call(id);
    }

    done();
    // #endregion
    after();
`;

test("a snippet is the code between its markers, at the left margin", () => {
  assert.equal(
    cut(script, "schedule", "x.ts"),
    "for (const id of ids) {\n  await call(id);\n}\n\ndone();",
  );
});

test("a file whose region is missing or unclosed is named", () => {
  for (const text of ["code();", "// #region a\ncode();"]) {
    const message = "x.ts has no region a";
    assert.throws(() => cut(text, "a", "x.ts"), { message });
  }
});

test("other lines in a region's place have its margin, and no markers", () => {
  assert.equal(
    fill(script, "schedule", "if (a) {\n  b();\n\n}", "x.ts"),
    "\n    before();\n    if (a) {\n      b();\n\n    }\n    after();\n",
  );
  const empty = "a();\n// #region b\n// #endregion\nc();\n";
  assert.equal(fill(empty, "b", "b();", "x.ts"), "a();\nb();\nc();\n");
});
