import assert from "node:assert/strict";
import test from "node:test";
import { shortened, widthOf } from "./text_width.ts";

test("a text is cut to its room, and ends with an ellipsis", () => {
  assert.equal(shortened("async", 100), "async");
  for (const sign of ["x", "W", "\u6f22", "\u{1f600}"]) {
    const cut = shortened(sign.repeat(10_000), 200);
    assert.match(cut, /[^\ud83d]\u2026$/);
    assert.ok(widthOf(cut) <= 200 && widthOf(cut) > 160, cut);
  }
});
