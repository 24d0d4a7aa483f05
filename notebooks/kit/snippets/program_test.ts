import assert from "node:assert/strict";
import test from "node:test";
import { programOf } from "./program.ts";
import { snippet } from "./snippet.ts";

const sync = programOf("scripts/sync.ts", "schedule", "calls");
const semaphore = programOf("scripts/semaphore.ts", "schedule", "calls");
const throttle = programOf("scripts/throttle.ts", "schedule", "limited");

test("a region stands in its frame as it does in its script", () => {
  const [first, last] = sync.idea;
  assert.equal(
    sync.text.split("\n").slice(first, last + 1).join("\n"),
    snippet("scripts/sync.ts"),
  );
  assert.doesNotMatch(sync.text, /region/);
});

test("what a frame offers is left out if the region doesn't use it", () => {
  assert.match(semaphore.text, /^const concurrency = 3;$/m);
  assert.doesNotMatch(sync.text, /concurrency|pause|sleep/);
  assert.doesNotMatch(sync.text + semaphore.text, /^export/m);
});

test("packages that the script imports are imported in their version", () => {
  const [found] = semaphore.packages;
  assert.match(found!, /^p-limit@\d+\.\d+\.\d+$/);
  assert.ok(semaphore.text.includes(`import pLimit from "npm:${found}";`));
  assert.deepEqual(sync.packages, []);
});

test("what the script imports from lib is in the program, without comments", () => {
  const lines = throttle.text.split("\n");
  const from = lines.indexOf(
    "function waitFor(due: number, now: number, " +
      "interval: number): number {",
  );
  assert.equal(lines[from - 1], "");
  assert.match(lines[from + 1]!, /^ {2}return Math\.min/);
  assert.doesNotMatch(throttle.text, /intervalOf|from "\./);
});

test("what a region exports stays as it is", () => {
  const { text, idea } = programOf("scripts/throttle/pace.ts", "pace", "pace");
  assert.match(text, /^export function intervalOf/m);
  assert.equal(
    text.split("\n")[idea[0]],
    "/** At most `limit` requests in `per` seconds. */",
  );
});

test("all that the frames of the servers have in common is in one place", () => {
  const { text } = programOf("scripts/servers/hono.ts", "routes", "hono");
  assert.equal(text.match(/^const textOf = /gm)!.length, 1);
  assert.ok(text.indexOf("const failed") < text.indexOf("const answerTo"));
});
