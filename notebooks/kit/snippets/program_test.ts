import assert from "node:assert/strict";
import test from "node:test";
import { programOf } from "./program.ts";
import { snippet } from "./snippet.ts";
import { wordsOf } from "./statements.ts";

const sync = programOf("scripts/sync.ts", "schedule", "calls");
const semaphore = programOf("scripts/semaphore.ts", "schedule", "calls");

test("a region stands in its frame as it does in its script", () => {
  const [first, last] = sync.idea;
  assert.equal(
    sync.text.split("\n").slice(first, last + 1).join("\n"),
    snippet("scripts/sync.ts"),
  );
  assert.doesNotMatch(sync.text, /region/);
});

test("a program has what its region uses of the frame, and no more", () => {
  assert.match(semaphore.text, /^const concurrency = 3;$/m);
  assert.doesNotMatch(sync.text, /concurrency|pause|sleep/);
  assert.doesNotMatch(sync.text + semaphore.text, /^export/m);
  const { text } = programOf("scripts/servers/hono.ts", "routes", "hono");
  assert.equal(text.match(/^const textOf = /gm)!.length, 1);
  assert.ok(text.indexOf("const failed") < text.indexOf("const answerTo"));
});

test("packages that the script imports are imported in their version", () => {
  const [found] = semaphore.packages;
  assert.match(found!, /^p-limit@\d+\.\d+\.\d+$/);
  assert.ok(semaphore.text.includes(`import pLimit from "npm:${found}";`));
  assert.deepEqual(sync.packages, []);
});

test("what the script imports from its folder is copied, without comments", () => {
  const throttle = programOf("scripts/throttle.ts", "schedule", "limited");
  assert.match(
    throttle.text,
    /\n\nfunction waitFor\(due: number, now: number, interval: number\): number \{\n {2}return Math\.min/,
  );
  assert.doesNotMatch(throttle.text, /intervalOf|from "\./);
  const { text, idea } = programOf("scripts/throttle/pace.ts", "pace", "pace");
  assert.match(text, /^export function intervalOf/m);
  assert.match(text.split("\n")[idea[0]]!, /^\/\*\* At most `limit` requests/);
});

test("words are those that may be names: no property, key, text or comment", () => {
  const code = 'const a = b.c({ d: e, ...f }, "g") + `${h}`; // i\n/** j */';
  assert.deepEqual([...wordsOf(code)], ["const", "a", "b", "e", "f", "h"]);
  assert.ok(wordsOf("`http://127.0.0.1:${port}/`").has("port"));
});
