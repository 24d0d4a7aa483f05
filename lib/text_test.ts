import assert from "node:assert/strict";
import test from "node:test";
import { withoutSecret } from "./text.ts";

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
