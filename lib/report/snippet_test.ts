import assert from "node:assert/strict";
import test from "node:test";
import { cut, snippet } from "./snippet.ts";

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
