import assert from "node:assert/strict";
import test from "node:test";
import { cut, fill, snippet } from "./snippet.ts";

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

test("a script without the marker is an error that names it", () => {
  assert.throws(() => cut("code();", "schedule", "x.ts"), {
    message: "x.ts has no region schedule",
  });
});

test("a region that doesn't end is an error", () => {
  assert.throws(() => cut("// #region a\ncode();", "a", "x.ts"), {
    message: "x.ts has no region a",
  });
});

test("a snippet comes from the project's own file", () => {
  const code = snippet("scripts/sync.ts");
  assert.ok(code.endsWith("for (const id of ids) {\n  await call(id);\n}"));
});

test("other lines in a region's place have its margin, and no markers", () => {
  assert.equal(
    fill(script, "schedule", "if (a) {\n  b();\n\n}", "x.ts"),
    "\n    before();\n    if (a) {\n      b();\n\n    }\n    after();\n",
  );
});

test("a region without lines can be filled", () => {
  const frame = "a();\n// #region b\n// #endregion\nc();\n";
  assert.equal(fill(frame, "b", "b();", "x.ts"), "a();\nb();\nc();\n");
});
