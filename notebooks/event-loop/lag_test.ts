import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { openLagFile } from "../../scripts/servers/webhook/diagnostics.ts";
import {
  eventually,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import { start, trial } from "../../scripts/dev/testing/example_runs.ts";
import { readLags } from "./lag.ts";
import { lagsDuring, peakMemory, stillShare } from "./ladder_trials.ts";

const folder = temporaryFolder();

function write(text: string): string {
  const file = path.join(folder, "lag.csv");
  fs.writeFileSync(file, text);
  return file;
}

const header = "timestamp,lag,memory\n";
const line = "2024-05-06T07:08:09.000Z,0.024000,1000\n";

test("what a server writes down is read back", async () => {
  const file = path.join(folder, "written.csv");
  const add = openLagFile(file);
  for (let n = 0; n < 30; n++) add(start + n * 10, n / 1000, 5e7 + n);
  const { lags, problems } = await eventually("lags", () => readLags(file));
  assert.deepEqual(problems, []);
  assert.deepEqual(lags[0], { at: start / 1000, lag: 0, memory: 5e7 });
  assert.deepEqual(lags[7], {
    at: (start + 70) / 1000,
    lag: 0.007,
    memory: 5e7 + 7,
  });
  openLagFile(file)(start + 1e6, 0.5, 1);
  assert.equal(readLags(file).lags.at(-1)!.lag, 0.5);
});

test("a torn last line is that of a server that was killed", () => {
  for (const torn of ["2024", "2024-05-06T07:08:09.000Z,", line.slice(0, 28)]) {
    const { lags, problems } = readLags(write(header + line + torn));
    assert.equal(lags.length, 1, torn);
    assert.deepEqual(problems, []);
  }
});

test("a file that can't be read is named, and its good lines are there", () => {
  const cases: [text: string, problem: string, found: number][] = [
    ["", "1: it has no lines", 0],
    [header, "1: it has no lines", 0],
    ["a,b\n1,2\n3,4\n", " 2 of its 2 lines can't be read", 0],
    [
      header + "x,y,z\n" + line + "later,1,1\n",
      " 2 of its 3 lines can't be read",
      1,
    ],
    [
      header + line.replace("0.02", "-0.02") + line,
      " 1 of its 2 lines can't be read",
      1,
    ],
  ];
  for (const [text, problem, found] of cases) {
    const file = write(text);
    const { lags, problems } = readLags(file);
    assert.deepEqual(problems, [`${file}:${problem}`]);
    assert.equal(lags.length, found);
  }
  const none = path.join(folder, "none.csv");
  assert.deepEqual(readLags(none).problems, [`${none}: there is no such file`]);
});

/** An event loop's rounds, each after this many seconds and late by this many. */
const lagged = (...lags: [after: number, lag: number][]) =>
  lags.map(([after, lag], index) => (
    { at: start / 1000 + after, lag, memory: 1e6 * (index + 1) }
  ));

// Ten calls, the last of which is sent after 0.9 s and ends after a second.
const tenth = trial(Array(10).fill(0.1), { wait: 0 });

test("the loop stood still as long as it was very late, within the trial", () => {
  const lags = lagged([-1, 0.5], [0.1, 0.2], [0.5, 0.3], [0.95, 0.001], [5, 1]);
  assert.deepEqual(
    lagsDuring(tenth, lags).map(({ lag }) => lag),
    [0.2, 0.3, 0.001],
  );
  const share = stillShare(tenth, lags)!;
  assert.ok(Math.abs(share - (10 + 30)) < 0.01, String(share));
  assert.equal(peakMemory(tenth, lags), 4);
});

test("a loop that never came round again stood still until the end", () => {
  const share = stillShare(tenth, lagged([0.1, 0], [0.2, 0]))!;
  assert.ok(Math.abs(share - 80) < 0.01, String(share));
  assert.equal(stillShare(tenth, lagged([100, 1])), undefined);
  assert.equal(peakMemory(tenth, []), undefined);
});
