import assert from "node:assert/strict";
import test from "node:test";
import { codeDiff } from "./code_diff.ts";

test("lines go, come and stay, and comments are left out", () => {
  const before = "// One.\nf(async () => {\n  wait();\n  g();\n});";
  const after = "// Other.\nf(async () => {\n  await wait();\n  g();\n});";
  const { html } = codeDiff(before, after);
  const text = html.replace(
    /<pre[^>]*><code[^>]*>|<\/code><\/pre>|<\/?span[^>]*>/g,
    "",
  );
  assert.equal(
    text,
    "  f(async () =&gt; {\n" +
      "<del>-   wait();\n</del><ins>+   await wait();\n</ins>" +
      "    g();\n  });\n\n",
  );
});

test("code that is the same has nothing that goes or comes", () => {
  const { html } = codeDiff("f();\n// A.", "// B.\nf();");
  assert.doesNotMatch(html, /<(ins|del)>/);
});
