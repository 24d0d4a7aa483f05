import assert from "node:assert/strict";
import test from "node:test";
import { drawable, undrawn } from "./series.ts";

const all = Array.from({ length: 100 }, (_, index) => index);

test("a few series are all drawn, without a notice", () => {
  const few = all.slice(0, 12);
  assert.equal(drawable(few), few);
  assert.equal(undrawn(few, few, "styles"), undefined);
});

test("of many series the first, the last and some between are drawn, with a notice", () => {
  const drawn = drawable(all, 3);
  assert.deepEqual(drawn, [0, 12, 25, 37, 50, 62, 74, 87, 99]);
  assert.match(
    undrawn(drawn, all, "styles")!.html,
    /Of 100 styles 9 are drawn/,
  );
});
