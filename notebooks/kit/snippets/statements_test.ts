import assert from "node:assert/strict";
import test from "node:test";
import { parseModule, plain, wordsOf } from "./statements.ts";

const { header, imports, statements } = parseModule(`/** What it is. */
import express, { type Request } from "express";
import type { Server } from "node:http";
import {
  setTimeout as sleep,
} from "node:timers/promises";

// Why it is so many.
export const [most, least] = [3, 1];
const { port } = await start();

/** Waits. */
export async function wait(): Promise<void> {
  await sleep(1);

  // And again.
  await sleep(1);
}
wait();
`);

test("a module has a header, imports and statements with their comments", () => {
  assert.equal(header, "/** What it is. */");
  assert.deepEqual(
    statements.map(({ text }) => text.split("\n").length),
    [2, 1, 7, 1],
  );
});

test("a statement declares names, is exported or not, and has a paragraph", () => {
  assert.deepEqual(
    statements.map(({ names, isExported, paragraph }) => [
      names.join(),
      isExported,
      paragraph - statements[0]!.paragraph,
    ]),
    [["most,least", true, 0], ["port", false, 0], ["wait", true, 1], [
      "",
      false,
      1,
    ]],
  );
});

test("each name that is imported is one of its own", () => {
  assert.deepEqual(
    imports.map(({ names: [name], clause, isDefault, from }) =>
      [name, clause, isDefault, from].join(" | ")
    ),
    [
      "express | express | true | express",
      "Request | type Request | false | express",
      "Server | type Server | false | node:http",
      "sleep | setTimeout as sleep | false | node:timers/promises",
    ],
  );
});

test("words are those that may be names: no property, key, text or comment", () => {
  const code = 'const a = b.c({ d: e, ...f }, "g") + `${h}`; // i\n/** j */';
  assert.deepEqual([...wordsOf(code)], ["const", "a", "b", "e", "f", "h"]);
  assert.ok(wordsOf("`http://127.0.0.1:${port}/`").has("port"));
});

test("a plain statement has no comments, and is not exported", () => {
  assert.equal(
    plain(statements[2]!).text,
    "async function wait(): Promise<void> {\n  await sleep(1);\n\n" +
      "  await sleep(1);\n}",
  );
});
