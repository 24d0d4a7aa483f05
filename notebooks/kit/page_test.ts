import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";
import { type Html, html } from "./html.ts";
import { someRun } from "../../scripts/dev/testing/example_runs.ts";
import { index } from "./index_page.ts";
import { page } from "./page.ts";

function rendered(body: Html, about?: Parameters<typeof page>[2]) {
  const { document } = new JSDOM(page("A page", body, about)).window;
  const ids = [...document.querySelectorAll("h2")].map(({ id }) => id);
  const links = [...document.querySelectorAll("nav a")]
    .map((link) => [link.getAttribute("href"), link.textContent]);
  return { document, ids, links };
}

test("each heading has an id by what it says, and the contents lead there", () => {
  const { ids, links, document } = rendered(html`
    <figure id="found"></figure>
    <h2>The queue's &amp; <em>our</em>&nbsp;time</h2>
    <h2>${"<b>'s"}</h2>
    <h2>Found</h2>
    <h2>Found</h2>
    <h2>?</h2>
  `);
  assert.deepEqual(ids, [
    "the-queues-our-time",
    "b-s",
    "found-2",
    "found-3",
    "section",
  ]);
  assert.deepEqual(links, [
    ["#the-queues-our-time", "The queue's & our\u00a0time"],
    ["#b-s", "<b>'s"],
    ["#found-2", "Found"],
    ["#found-3", "Found"],
    ["#section", "?"],
  ]);
  const own = [...document.querySelectorAll("h2 > a")]
    .map((link) => link.getAttribute("href")!.slice(1));
  assert.deepEqual(own, ids);
});

test("a heading that leads elsewhere is not in the contents; a page leads to the index", () => {
  const heading = html`<h2><a href="a.html">A</a></h2>`;
  const { ids, document } = rendered(heading);
  const toIndex = "a[href='index.html']";
  assert.ok(document.querySelector(toIndex));
  const own = rendered(heading, { isIndex: true }).document;
  assert.equal(own.querySelector(toIndex), null);
  assert.deepEqual(ids, ["a"]);
  assert.equal(document.querySelector("nav"), null);
  assert.equal(document.querySelectorAll("h2 a").length, 1);
});

test("a page is described by its first paragraph", () => {
  const { document } = rendered(html`
    <p class="notice">Not this.</p>
    <p>Is "this" <em>one</em>
      ${'<i> "it'}?</p>
    <p>Or this?</p>
  `);
  const description = document.querySelector("meta[name=description]")!;
  assert.equal(
    description.getAttribute("content"),
    'Is "this" one <i> "it?',
  );
});

test("the index says what each chapter found, when and where, or what measures it", () => {
  const [deno, bun] = ["deno 2.9.6", "bun 1.3.14"]
    .map((runtime) => ({ runtime, cpus: 2, cpu: "Some CPU", os: "Linux" }));
  const runs = [deno!, bun!, deno!].map((environment, day) =>
    someRun({ environment, start: `2024-05-0${3 - day}T07:08:09.000Z` })
  );
  const title = "B is faster than A";
  const plot = () => ({
    marks: [],
    table: () => ({ heading: [], rows: [] }),
  });
  const found = { name: "b", title, sentence: "", plot };
  const chapter = { title: "A", body: html``, problems: [] };
  const nothing = "Nothing was measured";
  const { document } = new JSDOM(index([
    { stem: "a", ...chapter, found, runs },
    { stem: "b", ...chapter, found: nothing, runs: [] },
  ])).window;
  const [first, second] = document.querySelectorAll("section");
  const texts = [...first!.querySelectorAll("p, pre")];
  assert.deepEqual(texts.map(({ textContent }) => textContent), [
    "B is faster than A.",
    "Measured from 2024-05-01 to 2024-05-03: " +
    "deno 2.9.6, 2 x Some CPU, Linux; bun 1.3.14, 2 x Some CPU, Linux.",
  ]);
  const command = second!.querySelector("pre")!;
  assert.equal(command.textContent, "deno task demo --only b");
  assert.ok(!second!.textContent.includes(nothing));
});
