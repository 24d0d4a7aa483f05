import assert from "node:assert/strict";
import test from "node:test";
import { calledTheSame, isLoopback, pagesOf } from "./called_servers.ts";
import { someRun, trial } from "../../../scripts/dev/testing/example_runs.ts";

const toUrl = (url: string) => ({
  ...trial([1, 1], { url: url.replaceAll("{id}", "1") }),
  run: someRun({ options: { url } }),
});
const toTargets = (...urls: string[]) => {
  const own = trial(urls.map(() => 1));
  own.rows.forEach((row, index) => row.url = urls[index]!);
  return { ...own, run: someRun({ options: { targets: "a file" } }) };
};
const toEmbedded = (port: number) => ({
  ...trial([1], { url: `http://127.0.0.1:${port}/?id=1` }),
  run: someRun(),
});

for (
  const [what, one, other] of [
    [
      "the key",
      toUrl("http://a/stall?at=2s&key=a"),
      toUrl(
        "http://a/stall?at=2s&key=b",
      ),
    ],
    ["the number", toUrl("http://a/?id={id}"), toUrl("http://a/")],
    [
      "the order of targets",
      toTargets("http://a/", "http://b/"),
      toTargets(
        "http://b/",
        "http://a/",
        "http://a/",
      ),
    ],
    [
      "the number in a path",
      toTargets("http://a/1", "http://a/2"),
      toTargets(
        "http://a/1",
      ),
    ],
    ["the port of an embedded target", toEmbedded(1024), toEmbedded(1025)],
  ] as const
) {
  test(`${what} makes no other server`, () => {
    assert.ok(calledTheSame([one, other]));
  });
}

for (
  const [what, one, other] of [
    ["a host", toUrl("http://a/"), toUrl("http://b/")],
    ["a port", toUrl("http://a:1024/"), toUrl("http://a:1025/")],
    ["a scheme", toUrl("http://a:80/"), toUrl("https://a:80/")],
    ["a path", toUrl("http://a/stall"), toUrl("http://a/")],
    ["a query", toUrl("http://a/?for=1s"), toUrl("http://a/?for=2s")],
    [
      "a later target",
      toTargets("http://a/", "http://b/"),
      toTargets(
        "http://a/",
        "http://c/",
      ),
    ],
  ] as const
) {
  test(`${what} that differs is another server or page`, () => {
    assert.ok(!calledTheSame([one, other]));
  });
}

test("a page is named once, however often it was called", () => {
  const pages = pagesOf(toTargets("http://a/?b=1", "http://a/?b=2"));
  assert.deepEqual(pages.map(String), ["http://a/"]);
});

for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
  test(`${host} is this machine`, () => {
    assert.ok(isLoopback(toUrl(`http://${host}:8080/`)));
  });
}

test("others are not this machine", () => {
  for (const host of ["localhost.test", "128.0.0.1", "127.a.test", "[::2]"]) {
    assert.ok(!isLoopback(toUrl(`http://${host}/`)), host);
  }
});
