import assert from "node:assert/strict";
import test from "node:test";
import { calledTheSame, isLoopback, pagesOf } from "./called_servers.ts";
import { someRun, trial } from "../../../scripts/dev/testing/example_runs.ts";
import type { Trial } from "./trials.ts";

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

const [a, b, c] = ["http://a/", "http://b/", "http://c/"] as const;

const same: [what: string, one: Trial, other: Trial][] = [
  ["key", toUrl(`${a}stall?at=2s&key=a`), toUrl(`${a}stall?at=2s&key=b`)],
  ["number", toUrl(`${a}?id={id}`), toUrl(a)],
  ["order of targets", toTargets(a, b), toTargets(b, a, a)],
  ["number in a path", toTargets(`${a}1`, `${a}2`), toTargets(`${a}1`)],
  ["port of an embedded target", toEmbedded(1024), toEmbedded(1025)],
];

const others: typeof same = [
  ["host", toUrl(a), toUrl(b)],
  ["port", toUrl("http://a:1024/"), toUrl("http://a:1025/")],
  ["scheme", toUrl("http://a:80/"), toUrl("https://a:80/")],
  ["path", toUrl(`${a}stall`), toUrl(a)],
  ["query", toUrl(`${a}?for=1s`), toUrl(`${a}?for=2s`)],
  ["later target", toTargets(a, b), toTargets(a, c)],
];

test("servers are the same by address and pages, and not by the calls' numbers", () => {
  for (const [what, ...two] of same) assert.ok(calledTheSame(two), what);
  for (const [what, ...two] of others) assert.ok(!calledTheSame(two), what);
  const pages = pagesOf(toTargets(`${a}?b=1`, `${a}?b=2`));
  assert.deepEqual(pages.map(String), [a]);
});

test("only loopback addresses are this machine", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
    assert.ok(isLoopback(toUrl(`http://${host}:8080/`)), host);
  }
  for (const host of ["localhost.test", "128.0.0.1", "127.a.test", "[::2]"]) {
    assert.ok(!isLoopback(toUrl(`http://${host}/`)), host);
  }
});
