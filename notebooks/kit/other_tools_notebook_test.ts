/** How chapters and comparisons show the results of other tools. */
import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { resultFiles } from "../../lib/results.ts";
import { render } from "../../scripts/dev/testing/pages.ts";
import { formatRow, header } from "../../lib/row.ts";
import {
  runScript,
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import { formatComparisons } from "./comparison/comparison_table.ts";
import { compareSides, readSides } from "./comparison/sides.ts";
import loadModels from "../load-models.ts";
import threeStyles from "../three-styles.ts";

const CALLS = 400;
const url = "http://127.0.0.1:8080/";
const refused =
  `"Get ""${url}"": dial tcp 127.0.0.1:8080: connect: connection refused"`;

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

/** As the post's scripts write the calls that they made. */
function postCsv(ends: number[], elapsed: number): string {
  const lines = ends.map((end) => {
    const time = new Date(Date.UTC(2025, 3, 1) + 1000 * end).toISOString();
    return `${time.slice(0, -1)}123,https://example.com,200,${elapsed},`;
  });
  return ["timestamp,url,status,elapsed,error", ...lines, ""].join("\r\n");
}

/** A post's file of 40 calls, the first of which have other cells. */
function failingCsv(failures: number, cells: string): string {
  const csv = postCsv(Array.from({ length: 40 }, (_, call) => call / 4), 0.2);
  return csv.split("\r\n").map((line, at) =>
    at > 0 && at <= failures ? line.replace(",200,0.2,", cells) : line
  ).join("\r\n");
}

/** The CSV of each name, in a folder of their own. */
function write(csvs: Record<string, string>) {
  const folder = temporaryFolder();
  const files = Object.entries(csvs).map(([name, csv]) => {
    const file = resultFiles(folder, name).csv;
    fs.writeFileSync(file, csv);
    return file;
  });
  return { folder, files };
}

/** What compare.ts prints of some files. */
const compared = (files: string[]) =>
  formatComparisons(compareSides(readSides(files).sides));

test("an attack of vegeta is drawn alone, and the page says what it lacks", () => {
  const { folder } = write({ attack: vegetaCsv(0.02) });
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

test("a file of vegeta is compared with ours, and the cautions say how it differs", () => {
  const rows = Array.from({ length: CALLS }, (_, call) =>
    formatRow(someRow({
      timestamp: new Date(1_743_511_000_000 + 10 * call),
      ...{ name: "attack", id: `${call + 1}`, url, elapsed: 0.01 },
    })));
  const { files } = write({
    theirs: vegetaCsv(0.02),
    later: vegetaCsv(0.02, 1_743_510_996),
    ours: [header, ...rows, ""].join("\n"),
  });
  const [theirs, later, ours] = files as [string, string, string];
  const text = compared([theirs, ours]);
  assert.match(text, /^ +theirs \(1\) +attack \(1\)/m);
  assert.match(text, /^p50 +20\.0 ms .* 10\.0 ms/m);
  assert.match(text, /the times of theirs are from sent, and those of attack/);
  assert.match(text, /4 calls of 400 failed in theirs/);
  assert.match(text, /no JSON says how all runs of theirs were made/);
  assert.doesNotMatch(compared([theirs, later]), /same runs|from due/);
});

test("the post's own files are drawn as its styles, without an optimum", () => {
  const { folder } = write({
    sync: postCsv([0.5, 1, 1.5, 2], 0.5),
    async: postCsv([0.5, 0.5, 0.5, 0.5], 0.5),
  });
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

test("two attacks in one file have no rate, and the titles ask about them", async () => {
  const later = 1_743_510_896 + 58 * 60;
  const { folder, files } = write({
    attack: vegetaCsv(0.02) + vegetaCsv(0.02, later),
    other: vegetaCsv(0.01),
  });
  const { body, texts, stderr } = render(loadModels, folder);
  const titles = texts("figure h3").join("\n");
  assert.doesNotMatch(titles, /a second/);
  const asks =
    /57\.9 min between two calls of attack, .* two runs in one file\?/;
  assert.match(titles, asks);
  assert.match(stderr, /metrics_attack\.csv:401: call 0 comes a second time/);
  assert.match(body, /Requests800\b/);
  assert.match(body, /OK per second-\s*Duration-/);
  const ended = await runScript(
    "compare.ts",
    ...[...files, "--expect", "throughput>=-5%"],
  );
  assert.equal(ended.code, 3);
  assert.match(ended.stdout, /CAUTION: there are 57\.9 min between two calls/);
  assert.match(ended.stdout, /^throughput .* not comparable$/m);
  assert.match(ended.stderr, asks);
});

test("the files of several runs, one behind the other, are as many trials", () => {
  const run = (minute: number, elapsed: number) =>
    postCsv([1, 2, 3, 4].map((end) => 60 * minute + end * elapsed), elapsed);
  const runs = (elapsed: number) =>
    [0, 1, 2, 3, 4].map((minute) => run(minute, elapsed)).join("");
  const { folder } = write({ sync: runs(0.5), async: runs(0.1) });
  const { body, texts } = render(threeStyles, folder);
  const titles = texts("figure h3").join("\n");
  assert.match(titles, /^Async is 5\.00 times as fast as sync/m);
  assert.match(body, /sync, ours4 \(5 trials\)2\.00 s/);
});

test("calls that failed count as failed, in any form", () => {
  const forms = [
    ",None,0.2,refused",
    `,,0.2,"('Connection aborted.',\n refused)"`,
  ];
  for (const cells of forms) {
    const { folder, files } = write({ sync: failingCsv(10, cells) });
    const { body, stderr } = render(threeStyles, folder);
    assert.doesNotMatch(stderr, /skipped/);
    assert.match(body, /sync, ours40 \(1 trial, 10 failed\)/);
    assert.match(compared([files[0]!, files[0]!]), /^success +75\.0 %/m);
  }
});

test("rows that can't be read are counted, and nothing is claimed of the rest", async () => {
  const { folder, files } = write({
    async: failingCsv(0, "").repeat(4),
    sync: failingCsv(2, ",ERR,0.2,refused").repeat(4),
  });
  const { body, texts, stderr } = render(threeStyles, folder);
  assert.match(stderr, /metrics_sync\.csv:2: status can't be "ERR"/);
  assert.match(body, /sync, ours38 \(4 trials, 8 unreadable\)/);
  const says = /8 of 160 rows of sync can't be read/;
  const titles = texts("figure h3");
  for (const title of titles.filter((title) => /compar/i.test(title))) {
    assert.match(title, says);
  }
  assert.doesNotMatch(titles.join(), /times as|longer/);
  const { code, stdout, stderr: said } = await runScript(
    "compare.ts",
    ...[...files, "--expect", "success>=-50%", "--expect", "p50<=+50%"],
  );
  assert.equal(code, 3);
  assert.equal(stdout.match(/not comparable$/gm)?.length, 6);
  assert.match(stdout, says);
  assert.match(said, /^sync: expected success>=-50%, but 8 of 160 rows/m);
  assert.match(said, /^sync: expected p50<=\+50%, but 8 of 160 rows/m);
});
