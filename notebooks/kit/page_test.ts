import assert from "node:assert/strict";
import test from "node:test";
import { JSDOM } from "jsdom";
import { type Html, html } from "./html.ts";
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

test("a heading that leads elsewhere is no entry of the contents", () => {
  const { ids, document } = rendered(html`<h2><a href="a.html">A</a></h2>`);
  assert.deepEqual(ids, ["a"]);
  assert.equal(document.querySelector("nav"), null);
  assert.equal(document.querySelectorAll("h2 a").length, 1);
});

test("all pages but the index lead to it", () => {
  const first = (about?: Parameters<typeof page>[2]) =>
    rendered(html`<p>Text</p>`, about).document
      .querySelector("a[href='index.html']");
  assert.ok(first());
  assert.equal(first({ isIndex: true }), null);
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
