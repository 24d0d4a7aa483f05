import assert from "node:assert/strict";
import test from "node:test";
import { allowedHosts, isAllowed } from "./allowed_hosts.ts";

const allows = (url: string, ...hosts: string[]) =>
  isAllowed(url, allowedHosts.parse(hosts));

test("without a list, all hosts are allowed", () => {
  assert.ok(allows("http://example.org/"));
});

test("a host without a port allows any port, otherwise only that one", () => {
  assert.ok(allows("http://127.0.0.1:81/a?b#c", "127.0.0.1"));
  assert.ok(allows("https://[::1]:8443/", "10.0.0.1", "[::1]:8443"));
  assert.ok(allows("http://EXAMPLE.org/", "Example.ORG:80"));
  assert.ok(allows("https://example.org/", "example.org:443"));
  assert.ok(!allows("https://example.org/", "example.org:80"));
  assert.ok(!allows("http://127.0.0.1:81/", "127.0.0.1:8"));
});

test("URLs that only look like an allowed host are not allowed", () => {
  for (
    const url of [
      "http://example.org.evil.test/",
      "http://evil.test/example.org",
      "http://evil.test/?example.org",
      "http://evil.test#@example.org",
      "http://example.org@evil.test/",
      "http://xexample.org/",
      "http://evil.test\\@example.org/",
      "http://example.org:81/",
    ]
  ) assert.ok(!allows(url, "example.org:80"), url);
  // Other spellings of the same address.
  assert.ok(allows("http://0x7f.1/", "127.0.0.1"));
  assert.ok(!allows("http://2130706433/", "10.0.0.1"));
});

test("invalid hosts are refused", () => {
  for (
    const text of [
      "",
      "http://a",
      "a/b",
      "a b",
      "a:b",
      "u@a",
      "a:70000",
      "[::1",
    ]
  ) assert.throws(() => allowedHosts.parse([text]), RangeError, text);
});
