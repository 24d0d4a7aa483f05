import assert from "node:assert/strict";
import test from "node:test";
import { isSteady } from "./warm_up.ts";

for (
  const [what, medians, expected] of [
    ["nothing", [], false],
    ["too little", [1, 1, 1], false],
    ["what stays", [1, 1, 1, 1], true],
    ["what rises", [1, 2, 3, 4], true],
    ["what falls", [8, 6, 5, 4, 3, 2], false],
    ["what falls once more", [8, 4, 4, 3.7], false],
    ["what hardly falls", [8, 4, 3.9, 4.1, 3.85], true],
    ["what has fallen", [8, 4, 2, 2.1, 2, 1.95], true],
  ] as const
) {
  test(`${what} is ${expected ? "" : "not "}steady`, () => {
    assert.equal(isSteady([...medians]), expected);
  });
}
