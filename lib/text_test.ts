import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";
import { randomNumbers } from "../scripts/dev/testing/processes.ts";
import { visible, visibleLines, withoutSecret } from "./text.ts";

const passwords = ["secret", "se/cret", "se cret", "se@cret", "se:cret"]
  .concat("se?cret", "se#cret", "se\\cret", "se@/cret", "/cret", "12 cret")
  .concat("12:cret", 'se"cret', "se\ncret", "se%2Fcret", "[cret", "12cret/");

test("no password of a URL is left, whatever is in it", () => {
  for (const password of passwords) {
    for (const scheme of ["amqp://", "https://", "http:/", "http:", ""]) {
      // A line break, a quote or a blank is never a part of what has no scheme.
      if (!scheme.endsWith("//") && /[\s"]/.test(password)) continue;
      const url = `${scheme}user:${password}@host:1/path?a=b`;
      for (const text of [url, `--url=${url}`, `not "${url}"; try --help`]) {
        const left = withoutSecret(text);
        assert.doesNotMatch(left, /user|se|cret|12/, text);
        assert.match(left, /host:1\/path\?a=b/);
      }
    }
  }
  assert.equal(withoutSecret("amqp://token@host/"), "amqp://host/");
  assert.equal(
    withoutSecret("a=http://u:p@h/ b=http://u:p@h/"),
    "a=http://h/ b=http://h/",
  );
});

const harmless = [
  "http://127.0.0.1:8080/@scope/name?mail=a@b",
  "http://[::1]:8080/@scope",
  "http://localhost/a:b@c",
  "Accept: text/html; from=me@host",
  "run 'curl http://127.0.0.1:8080/' as me@host",
  "http://127.0.0.1:8080\nme@host",
  '{"mail": "me@host"}',
];

test("what is no password stays", () => {
  for (const text of harmless) assert.equal(withoutSecret(text), text);
});

test("a text made to cost much costs little", () => {
  const begun = performance.now();
  withoutSecret("@" + "a://a:".repeat(20_000) + " a:b".repeat(20_000));
  assert.ok(performance.now() - begun < 5000);
});

const from = (first: number, last: number) =>
  Array.from(
    { length: last - first + 1 },
    (_, index) => String.fromCharCode(first + index),
  ).join("");

test("control characters become their pictures", () => {
  assert.equal(visible(from(0, 0x1f)), from(0x2400, 0x241f));
  assert.equal(visible("\x1b[31mred\x7f"), "␛[31mred␡");
});

test("what has no picture is replaced", () => {
  const turning = from(0x202a, 0x202e) + from(0x2066, 0x2069) +
    "\u200e\u200f\u061c";
  const halves = ["\ud83e", "\udd95", "\udd95\ud83e"];
  for (const text of [from(0x80, 0x9f), turning, ...halves]) {
    assert.equal(visible(text), "\ufffd".repeat(text.length));
  }
});

test("all that can be seen stays as it is", () => {
  const text = from(0x20, 0x7e) + from(0xa0, 0xff) + "漢字 עברית 🦕 👩‍🔬\u2028";
  assert.equal(visible(text), text);
});

test("lines stay lines, if they are to", () => {
  assert.equal(visible("a\nb"), "a␊b");
  assert.equal(visibleLines("a\r\n\x1b\n"), "a␍\n␛\n");
});

test("any text keeps its length, and can be written, shown and made visible again", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 2000; trial++) {
    const below = [0x100, 0x2100, 0x10000][trial % 3]!;
    const text = Array.from(
      { length: 20 },
      () => String.fromCharCode(Math.floor(random() * below)),
    ).join("");
    const shown = visible(text);
    assert.equal(shown.length, text.length);
    assert.equal(visible(shown), shown);
    assert.equal(Buffer.from(shown).toString(), shown);
    assert.doesNotMatch(
      shown,
      // deno-lint-ignore no-control-regex -- these are what is looked for
      /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
    );
  }
});
