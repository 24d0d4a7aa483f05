import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import type { Run } from "./details.ts";
import { formatRow, header } from "../../../lib/row.ts";
import {
  someRow,
  temporaryFolder,
} from "../../../scripts/dev/testing/processes.ts";
import { someRun } from "../../../scripts/dev/testing/example_runs.ts";
import { measuredNames, medianTrial, readTrials } from "./trials.ts";

const folder = temporaryFolder();

/** Files of a name: rows of runs, and the JSON that lists those runs. */
function write(name: string, csv: string, json?: string): string {
  const file = path.join(folder, `metrics_${name}`);
  fs.writeFileSync(`${file}.csv`, csv);
  if (json !== undefined) fs.writeFileSync(`${file}.json`, json);
  return file;
}

function csvOf(...runs: string[]): string {
  const lines = runs.map((run) => formatRow(someRow({ run })));
  return [header, ...lines, ""].join("\n");
}

function jsonOf(...runs: Partial<Run>[]): string {
  const given = { unique: undefined, concurrency: 1, calls: 1 };
  return JSON.stringify({
    runs: runs.map((run) => someRun({ ...given, ...run })),
  });
}

test("each run is a trial of its own, with its exact total time", () => {
  const json = jsonOf({ run: "a", seconds: 0.5 }, { run: "b", seconds: 0.25 });
  write("two", csvOf("a", "b"), json);
  const { trials, problems } = readTrials(folder, "two");
  assert.deepEqual(problems, []);
  assert.deepEqual(trials.map(({ summary }) => summary.seconds), [0.5, 0.25]);
  assert.deepEqual(trials.map(({ rows }) => rows.length), [1, 1]);
});

test("the names are those that have a CSV", () => {
  const own = temporaryFolder();
  for (const file of ["metrics_b.csv", "metrics_a.csv", "metrics_c.json"]) {
    fs.writeFileSync(path.join(own, file), "");
  }
  assert.deepEqual(measuredNames(own), ["a", "b"]);
  assert.deepEqual(measuredNames(path.join(own, "none")), []);
});

test("a missing file is named", () => {
  const { trials, problems } = readTrials(folder, "absent");
  const file = path.join(folder, "metrics_absent.csv");
  assert.deepEqual(trials, []);
  assert.deepEqual(problems, [`${file}: there is no such file`]);
});

for (
  const [what, csv, message, trials] of [
    ["an empty file", "", "1: the file is empty", 0],
    ["a wrong header", "a,b\n1,2\n", "1: this is not the header", 0],
    [
      "a missing column",
      csvOf("a").replace("elapsed,", ""),
      "1: the header has no column elapsed",
      0,
    ],
    ["a torn last line", csvOf("a") + "2024-05", "3: the last line is torn", 1],
  ] as const
) {
  test(`${what} is said with its line, and the rest is there`, () => {
    const file = write("bad", csv, jsonOf({ run: "a" }));
    const read = readTrials(folder, "bad");
    assert.equal(read.trials.length, trials);
    const [problem, ...others] = read.problems;
    assert.ok(problem!.startsWith(`${file}.csv:${message}`), problem);
    assert.deepEqual(others, []);
  });
}

test("of many bad lines the first few are named, and the rest counted", () => {
  write("many", csvOf("a") + "x\n".repeat(8), jsonOf({ run: "a" }));
  const { problems } = readTrials(folder, "many");
  assert.equal(problems.length, 6);
  assert.match(problems.at(-1)!, /3 more lines are skipped$/);
});

for (const json of ['{"runs": [', "[]", "null", "{}", '{"runs": [{}]}']) {
  test(`with ${json} as its JSON a trial has no optimum`, () => {
    const file = write("broken", csvOf("a"), json);
    const { trials, problems } = readTrials(folder, "broken");
    assert.equal(trials.length, 1);
    assert.equal(trials[0]!.summary.efficiency, undefined);
    assert.equal(problems.length, 1);
    assert.ok(problems[0]!.startsWith(`${file}.json:1: `), problems[0]);
  });
}

test("a missing JSON is said, once", () => {
  const file = write("alone", csvOf("a", "b"));
  const { trials, problems } = readTrials(folder, "alone");
  assert.equal(trials.length, 2);
  assert.deepEqual(problems, [`${file}.json: there is no such file`]);
});

test("a run that ended early is said, and is not a trial", () => {
  const options = { calls: 3 };
  write("early", csvOf("a"), jsonOf({ run: "a", options, calls: undefined }));
  const { trials, problems } = readTrials(folder, "early");
  assert.deepEqual(trials, []);
  assert.match(problems[0]!, /run a has 1 of its 3 calls and is left out$/);
});

test("the median trial is one that was measured", () => {
  const json = jsonOf(
    { run: "a", seconds: 3 },
    { run: "b", seconds: 1 },
    { run: "c", seconds: 2 },
  );
  write("three", csvOf("a", "b", "c"), json);
  const { trials } = readTrials(folder, "three");
  assert.equal(medianTrial(trials).run?.run, "c");
});

for (
  const [what, ended] of [
    ["was interrupted", { interrupted: true }],
    ["was killed or is under way", { end: undefined }],
  ] as const
) {
  const cut = { run: "b", unique: true, calls: 9, ...ended };

  test(`a load that ${what} is left out beside a whole one`, () => {
    const json = jsonOf({ run: "a", unique: true }, cut);
    const file = write("cut", csvOf("a", "b"), json);
    const { trials, problems } = readTrials(folder, "cut");
    assert.deepEqual(trials.map(({ run }) => run?.run), ["a"]);
    assert.deepEqual(problems, [`${file}.csv: run b ${what} and is left out`]);
  });

  test(`alone, a load that ${what} has no call that was not sent`, () => {
    write("cut", csvOf("b"), jsonOf(cut));
    const { trials: [trial], problems } = readTrials(folder, "cut");
    assert.deepEqual(problems, []);
    assert.equal(trial!.summary.unsent, 0);
    assert.equal(trial!.summary.calls, 1);
  });
}

for (const unique of [true, undefined]) {
  const what = unique ? "a load" : "a run";
  test(`${what} that is in its file twice is said`, () => {
    const calls = 3;
    const lines = [1, 2, 3].map((id) =>
      formatRow(someRow({ run: "a", id: String(id), server: undefined }))
    );
    const csv = [header, ...lines, header, ...lines, ""].join("\n");
    const file = write("twice", csv, jsonOf({ run: "a", unique, calls }));
    const { trials, problems } = readTrials(folder, "twice");
    assert.equal(trials.length, 1);
    assert.deepEqual(problems, [
      `${file}.csv: run a of sync has 3 rows of calls that it has already: ` +
      "is it in the file twice?",
    ]);
  });
}

test("calls that were tried again are in their file as often as they should be", () => {
  const tries = [429, 503, 200].map((status) =>
    formatRow(someRow({ run: "a", id: "1", status }))
  );
  write("tried", [header, ...tries, ""].join("\n"), jsonOf({ run: "a" }));
  assert.deepEqual(readTrials(folder, "tried").problems, []);
});
