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
  assert.equal(medianTrial(trials).run?.run, "b");
});

test("the names are those that have a CSV", () => {
  const own = temporaryFolder();
  for (const file of ["metrics_b.csv", "metrics_a.csv", "metrics_c.json"]) {
    fs.writeFileSync(path.join(own, file), "");
  }
  assert.deepEqual(measuredNames(own), ["a", "b"]);
  assert.deepEqual(measuredNames(path.join(own, "none")), []);
});

test("a file that can't be read is named with its line, and the rest is there", () => {
  const cases: [csv: string, message: string, trials: number][] = [
    ["", "1: the file is empty", 0],
    ["a,b\n1,2\n", "1: this is not the header", 0],
    [csvOf("a") + "2024-05", "3: the last line is torn", 1],
  ];
  for (const [csv, message, trials] of cases) {
    const file = write("bad", csv, jsonOf({ run: "a" }));
    const read = readTrials(folder, "bad");
    assert.equal(read.trials.length, trials);
    const [problem, ...others] = read.problems;
    assert.ok(problem!.startsWith(`${file}.csv:${message}`), problem);
    assert.deepEqual(others, []);
  }
  const absent = path.join(folder, "metrics_absent.csv");
  const { trials, problems } = readTrials(folder, "absent");
  assert.deepEqual(trials, []);
  assert.deepEqual(problems, [`${absent}: there is no such file`]);
});

test("of many bad lines the first few are named, and the rest counted", () => {
  write("many", csvOf("a") + "x\n".repeat(8), jsonOf({ run: "a" }));
  const { problems } = readTrials(folder, "many");
  assert.equal(problems.length, 6);
  assert.match(problems.at(-1)!, /3 more lines are skipped$/);
});

test("without a JSON that lists its run, a trial has no optimum", () => {
  for (const json of ['{"runs": [', "[]", "null", "{}", '{"runs": [{}]}']) {
    const file = write("broken", csvOf("a"), json);
    const { trials: [trial], problems } = readTrials(folder, "broken");
    assert.equal(trial!.summary.efficiency, undefined);
    assert.equal(problems.length, 1);
    assert.ok(problems[0]!.startsWith(`${file}.json:1: `), problems[0]);
  }
  const file = write("alone", csvOf("a", "b"));
  const { trials, problems } = readTrials(folder, "alone");
  assert.equal(trials.length, 2);
  assert.deepEqual(problems, [`${file}.json: there is no such file`]);
});

test("a run that ended early is named, and is not a trial", () => {
  const options = { calls: 3 };
  write("early", csvOf("a"), jsonOf({ run: "a", options, calls: undefined }));
  const { trials, problems } = readTrials(folder, "early");
  assert.deepEqual(trials, []);
  assert.match(problems[0]!, /run a has 1 of its 3 calls and is left out$/);
});

test("a load that was cut off is left out, unless there is no whole one", () => {
  const cases: [what: string, ended: Partial<Run>][] = [
    ["was interrupted", { interrupted: true }],
    ["was killed or is under way", { end: undefined }],
  ];
  for (const [what, ended] of cases) {
    const cut = { run: "b", unique: true, calls: 9, ...ended };
    const json = jsonOf({ run: "a", unique: true }, cut);
    const file = write("cut", csvOf("a", "b"), json);
    const { trials, problems } = readTrials(folder, "cut");
    assert.deepEqual(trials.map(({ run }) => run?.run), ["a"]);
    assert.deepEqual(problems, [`${file}.csv: run b ${what} and is left out`]);

    write("cut", csvOf("b"), jsonOf(cut));
    const alone = readTrials(folder, "cut");
    assert.deepEqual(alone.problems, []);
    const { unsent, calls } = alone.trials[0]!.summary;
    assert.deepEqual([unsent, calls], [0, 1]);
  }
});

test("a run that is in its file twice is named", () => {
  const lines = [1, 2, 3].map((id) =>
    formatRow(someRow({ run: "a", id: String(id), server: undefined }))
  );
  const csv = [header, ...lines, header, ...lines, ""].join("\n");
  for (const unique of [true, undefined]) {
    const json = jsonOf({ run: "a", unique, calls: 3 });
    const file = write("twice", csv, json);
    const { trials, problems } = readTrials(folder, "twice");
    assert.equal(trials.length, 1);
    assert.deepEqual(problems, [
      `${file}.csv: run a of sync has 3 rows of calls that it has already: ` +
      "is it in the file twice?",
    ]);
  }
});

test("calls that were tried again are in their file as often as they should be", () => {
  const tries = [429, 503, 200].map((status) =>
    formatRow(someRow({ run: "a", id: "1", status }))
  );
  write("tried", [header, ...tries, ""].join("\n"), jsonOf({ run: "a" }));
  assert.deepEqual(readTrials(folder, "tried").problems, []);
});
