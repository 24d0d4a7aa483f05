/** What the results of other tools come to in chapters and comparisons. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { resultFiles } from "../lib/results.ts";
import { render } from "../lib/report/testing.ts";
import { formatRow, header } from "../lib/rows.ts";
import { runScript, someRow, temporaryFolder } from "../lib/testing.ts";
import loadModels from "../notebooks/load-models.ts";
import threeStyles from "../notebooks/three-styles.ts";

const CALLS = 400;

/** As `vegeta encode --to csv` writes an attack of 100 calls a second. */
function vegetaCsv(latency: number, start = 1_743_510_896): string {
  const lines = Array.from({ length: CALLS }, (_, call) => {
    const sent = BigInt(start) * 1_000_000_000n + BigInt(call) * 10_000_000n;
    const nanoseconds = 1e9 * latency + 1000 * (call % 100);
    const failed = call % 100 === 7;
    const answer = failed
      ? [0, nanoseconds, 0, 0, refused]
      : [200, nanoseconds, 0, 3, ""];
    return [sent, ...answer, "", "", call, "GET", url, ""].join();
  });
  return lines.join("\n") + "\n";
}

const url = "http://127.0.0.1:8080/";
const refused =
  `"Get ""${url}"": dial tcp 127.0.0.1:8080: connect: connection refused"`;

/** As the post's scripts write the calls that they made. */
function postCsv(ends: number[], elapsed: number): string {
  const lines = ends.map((end) => {
    const time = new Date(Date.UTC(2025, 3, 1) + 1000 * end).toISOString();
    return `${time.slice(0, -1)}123,https://example.com,200,${elapsed},`;
  });
  return ["timestamp,url,status,elapsed,error", ...lines, ""].join("\r\n");
}

test("an attack of vegeta is drawn beside nothing, with what it doesn't say", () => {
  const folder = temporaryFolder();
  fs.writeFileSync(resultFiles(folder, "attack").csv, vegetaCsv(0.02));
  const { body, texts } = render(loadModels, folder);
  assert.match(
    texts("figure h3").join(),
    /^The attack's p99 is 20\.1 ms; there is nothing to compare it with/,
  );
  assert.match(body, /How long the calls of attack waited .* was not measured/);
  assert.match(body, /Errorsrefused: 4\b/);
  assert.match(body, /Status codes200: 396\b/);
  assert.match(body, /No file says who made the rows/);
});

test("a file of vegeta is compared with one of ours, and what is not the same said", async () => {
  const folder = temporaryFolder();
  const [theirs, ours] = ["vegeta.csv", "ours.csv"]
    .map((name) => path.join(folder, name));
  fs.writeFileSync(theirs!, vegetaCsv(0.02));
  const rows = Array.from({ length: CALLS }, (_, call) =>
    formatRow(someRow({
      timestamp: new Date(1_743_511_000_000 + 10 * call),
      ...{ name: "attack", id: `${call + 1}`, url, elapsed: 0.01 },
    })));
  fs.writeFileSync(ours!, [header, ...rows, ""].join("\n"));
  const { code, stdout } = await runScript("compare.ts", theirs!, ours!);
  assert.equal(code, 0);
  assert.match(stdout, /^ +vegeta \(1\) +attack \(1\)/m);
  assert.match(stdout, /^p50 +20\.0 ms .* 10\.0 ms/m);
  assert.match(
    stdout,
    /the times of vegeta are from sent, and those of attack/,
  );
  assert.match(stdout, /4 calls of 400 failed in vegeta/);
  assert.match(stdout, /no JSON says how all runs of vegeta were made/);
});

test("two files of vegeta are two sides, and no same runs", async () => {
  const folder = temporaryFolder();
  const files = [1_743_510_896, 1_743_510_996].map((start, index) => {
    const file = path.join(folder, `${index}.csv`);
    fs.writeFileSync(file, vegetaCsv(0.02, start));
    return file;
  });
  const { stdout } = await runScript("compare.ts", ...files);
  assert.doesNotMatch(stdout, /same runs|from due/);
});

test("the post's own files are drawn as its styles, without an optimum", () => {
  const folder = temporaryFolder();
  const write = (name: string, csv: string) =>
    fs.writeFileSync(resultFiles(folder, name).csv, csv);
  write("sync", postCsv([0.5, 1, 1.5, 2], 0.5));
  write("async", postCsv([0.5, 0.5, 0.5, 0.5], 0.5));
  const { body, texts } = render(threeStyles, folder);
  const titles = texts("figure h3").join("\n");
  assert.match(
    titles,
    /^Not enough data to compare async and sync in total time/m,
  );
  assert.match(titles, /^The server did not say how long it took/m);
  assert.match(body, /sync, ours4 \(1 trial\)2\.00 s500 ms500 ms500 ms/);
  assert.match(body, /async, ours4 \(1 trial\)500 ms500 ms/);
  assert.match(body, /No file says who made the rows/);
});
