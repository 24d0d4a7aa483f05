import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";
import { someRun } from "../../scripts/dev/testing/example_runs.ts";
import { html } from "./html.ts";
import { index } from "./index_page.ts";

const [deno, bun] = ["deno 2.9.6", "bun 1.3.14"].map((runtime) => ({
  runtime,
  cpus: 2,
  cpu: "Some CPU",
  os: "Linux",
}));
const chapter = { title: "A", body: html``, problems: [] };
const runs = [deno!, bun!, deno!].map((environment, day) =>
  someRun({ environment, start: `2024-05-0${3 - day}T07:08:09.000Z` })
);

test("each chapter says what it found, when, and where", () => {
  const found = {
    name: "b",
    title: "B is faster than A",
    sentence: "",
    plot: () => ({ marks: [], table: () => ({ heading: [], rows: [] }) }),
  };
  const { document } = new JSDOM(
    index([{ stem: "a", ...chapter, found, runs }]),
  ).window;
  const texts = [...document.querySelectorAll("section p")]
    .map(({ textContent }) => textContent);
  assert.deepEqual(texts, [
    "B is faster than A.",
    "Measured from 2024-05-01 to 2024-05-03: " +
    "deno 2.9.6, 2 x Some CPU, Linux; bun 1.3.14, 2 x Some CPU, Linux.",
  ]);
  assert.equal(document.querySelectorAll("pre").length, 0);
});

test("a chapter without results says what makes them", () => {
  const found = "Nothing was measured";
  const { document } = new JSDOM(
    index([{ stem: "a", ...chapter, found, runs: [] }]),
  ).window;
  assert.equal(
    document.querySelector("pre")!.textContent,
    "deno task demo --only a",
  );
  assert.equal(document.body.textContent!.includes(found), false);
});
