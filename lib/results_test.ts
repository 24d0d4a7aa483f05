import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine } from "./text.ts";
import { Failure } from "./exit.ts";
import { formatRow, header } from "./row.ts";
import { parseRows } from "../notebooks/kit/rows/parse_rows.ts";
import { amendRun } from "../scripts/chapters/trials.ts";
import { openResults, readRuns, resultFiles, type Run } from "./results.ts";
import { runtime } from "./runtime.ts";
import {
  readRows,
  someRow,
  temporaryFolder,
} from "../scripts/dev/testing/processes.ts";

const parent = temporaryFolder();
const newFolder = () => fs.mkdtempSync(path.join(parent, "results-"));

function someRun(run: string): Run {
  return {
    run,
    name: "sync",
    command: "scripts/sync.ts",
    options: {},
    start: "2024-05-06T07:08:09.123Z",
    concurrency: 1,
    environment: {},
  };
}

/** A run that has left these rows. */
function leave(folder: string, append: boolean, ...ids: string[]): string {
  const results = openResults(folder, "sync", append);
  for (const id of ids) results.write(someRow({ id }));
  results.close();
  return results.file;
}

const idsOf = (file: string) => readRows(file).map((row) => row.id);

function failsWith(pattern: RegExp, work: () => unknown) {
  assert.throws(work, (error: Error) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.code, 1);
    assert.match(error.message, pattern);
    return true;
  });
}

test("a row is in the file at most 100 ms after it was written", async () => {
  const results = openResults(newFolder(), "sync", false);
  for (const id of ["1", "2", "3"]) {
    results.write(someRow({ id }));
    // A timer that was set later, for later, never fires first.
    await sleep(100);
    assert.equal(idsOf(results.file).at(-1), id);
  }
  results.close();
});

test("a synchronised row is in the file at once", async () => {
  const results = openResults(newFolder(), "sync", false);
  results.write(someRow({ id: "7" }));
  await results.sync();
  assert.deepEqual(idsOf(results.file), ["7"]);
  results.close();
});

test("rows that can't be put on the disk end the script, with one line", async () => {
  const { openSync } = fs;
  let descriptor = NaN;
  fs.openSync = (...given) => descriptor = openSync(...given);
  const results = openResults(newFolder(), "sync", false);
  fs.openSync = openSync;
  results.write(someRow());
  await results.sync();
  fs.closeSync(descriptor);
  const { exit } = process;
  const { error } = console;
  const said: string[] = [];
  console.error = (text) => said.push(text);
  process.exit = (code) => {
    throw new Error(`exit ${code}`);
  };
  try {
    await assert.rejects(results.sync(), /^Error: exit 1$/);
  } finally {
    process.exit = exit;
    console.error = error;
  }
  const [line] = said;
  assert.match(
    line!,
    /sync\.csv: .*bad file descriptor.*; the rows written last may be lost/i,
  );
  assert.ok(!fs.existsSync(`${results.file}.lock`));
});

test("a file without a row has a header", () => {
  const file = leave(newFolder(), false);
  assert.equal(fs.readFileSync(file, "utf8"), header + "\n");
});

test("a file has its header from the moment that it is there", () => {
  const results = openResults(newFolder(), "sync", false);
  assert.equal(fs.readFileSync(results.file, "utf8"), header + "\n");
  results.close();
});

test("a new run replaces the file", () => {
  const folder = newFolder();
  leave(folder, false, "1", "2");
  assert.deepEqual(idsOf(leave(folder, false, "3")), ["3"]);
});

test("an appended run adds to the file and keeps what was there", () => {
  const folder = newFolder();
  leave(folder, true, "1", "2");
  leave(folder, true);
  assert.deepEqual(idsOf(leave(folder, true, "3")), ["1", "2", "3"]);
});

test("a run can be appended to a line torn anywhere", () => {
  const folder = newFolder();
  const whole = formatRow(someRow({ id: "torn", url: 'http://a/?"b",c' }));
  for (let length = 1; length <= whole.length; length++) {
    const file = leave(folder, false, "1");
    fs.appendFileSync(file, whole.slice(0, length));
    leave(folder, true, "2", "3");
    const { rows, problems } = parseRows(fs.readFileSync(file, "utf8"));
    assert.deepEqual(rows.map((row) => row.id), ["1", "2", "3"]);
    assert.deepEqual(problems.map(({ line }) => line), [3]);
  }
});

test("a run is not appended to other columns", () => {
  const folder = newFolder();
  const { csv } = resultFiles(folder, "sync");
  for (const other of ["a,b\n1,2\n", "x", header.slice(0, -1) + "\n"]) {
    fs.writeFileSync(csv, other);
    failsWith(/sync\.csv.*columns/, () => openResults(folder, "sync", true));
    assert.equal(fs.readFileSync(csv, "utf8"), other);
  }
  leave(folder, false, "1");
});

test("a file that is being written is refused to a second run", () => {
  const folder = newFolder();
  const first = openResults(folder, "sync", false);
  first.write(someRow({ id: "1" }));
  for (const append of [true, false]) {
    failsWith(
      RegExp(`metrics_sync.csv is being written by process ${process.pid}`),
      () => openResults(folder, "sync", append),
    );
  }
  openResults(folder, "async", false).close();
  first.close();
  assert.deepEqual(idsOf(first.file), ["1"]);
  leave(folder, true);
});

test("the lock of a process that is gone is taken over", () => {
  const folder = newFolder();
  const { csv } = resultFiles(folder, "sync");
  const { pid } = spawnSync(process.execPath, ["--version"]);
  fs.writeFileSync(`${csv}.lock`, `${pid} ${hostname()}`);
  leave(folder, false, "1");
  assert.deepEqual(fs.readdirSync(folder), ["metrics_sync.csv"]);
});

test("a lock that nobody has filled in is taken over when it is old", () => {
  const folder = newFolder();
  const { csv } = resultFiles(folder, "sync");
  fs.writeFileSync(`${csv}.lock`, "");
  failsWith(/is being written/, () => openResults(folder, "sync", false));
  const old = Date.now() / 1000 - 10;
  fs.utimesSync(`${csv}.lock`, old, old);
  leave(folder, false, "1");
  assert.deepEqual(fs.readdirSync(folder), ["metrics_sync.csv"]);
});

test("the lock of another machine is respected", () => {
  const folder = newFolder();
  const { csv } = resultFiles(folder, "sync");
  fs.writeFileSync(`${csv}.lock`, "1 another-machine");
  failsWith(/another-machine/, () => openResults(folder, "sync", false));
});

test("a folder that can't be written is refused by its option", () => {
  const file = path.join(newFolder(), "file");
  fs.writeFileSync(file, "");
  const below = path.join(file, "below");
  failsWith(
    /^--out .*below can't be written/,
    () => openResults(below, "sync", false),
  );
});

test("a refused run leaves no lock", () => {
  const folder = newFolder();
  const { csv, json } = resultFiles(folder, "sync");
  fs.mkdirSync(csv);
  failsWith(/--out/, () => openResults(folder, "sync", false));
  fs.rmdirSync(csv);
  fs.writeFileSync(json, "not JSON");
  failsWith(
    /sync\.json can't be read/,
    () => openResults(folder, "sync", true),
  );
  leave(folder, false);
});

test("the JSON lists each run once, with what was saved last", () => {
  const folder = newFolder();
  for (const run of ["one", "two"]) {
    const results = openResults(folder, "sync", run === "two");
    results.save(someRun(run));
    results.save({ ...someRun(run), calls: 7 });
    results.close();
  }
  const runs = readRuns(resultFiles(folder, "sync").json);
  assert.deepEqual(runs.map(({ run, calls }) => [run, calls]), [
    ["one", 7],
    ["two", 7],
  ]);
});

test("who reads the JSON while it is saved reads all of it", () => {
  const folder = newFolder();
  const { json } = resultFiles(folder, "sync");
  const results = openResults(folder, "sync", false);
  results.save(someRun("one"));
  const reader = fs.openSync(json, "r");
  results.save({ ...someRun("one"), calls: 7 });
  const { runs } = JSON.parse(fs.readFileSync(reader, "utf8"));
  assert.deepEqual(runs, [someRun("one")]);
  fs.closeSync(reader);
  results.close();
});

/** Two runs of sync that have ended; returns their JSON. */
function leaveTwo(folder: string): string {
  for (const run of ["one", "two"]) {
    const results = openResults(folder, "sync", true);
    results.save(someRun(run));
    results.close();
  }
  return resultFiles(folder, "sync").json;
}

const series = { id: "s", seed: 1, trial: 2, place: 7, of: 20 };

test("what is added to a run is in its entry, and all else is as before", () => {
  const folder = newFolder();
  const json = leaveTwo(folder);
  amendRun(folder, someRun("one"), { series });
  const by = { by: commandLine(), byRuntime: runtime };
  const expected = [{ ...someRun("one"), series, ...by }, someRun("two")];
  assert.deepEqual(readRuns(json), expected);
  const files = ["metrics_sync.csv", "metrics_sync.json"];
  assert.deepEqual(fs.readdirSync(folder).sort(), files);
});

test("who reads the JSON while a run is amended reads all of it", () => {
  const folder = newFolder();
  const reader = fs.openSync(leaveTwo(folder), "r");
  amendRun(folder, someRun("one"), { series });
  const { runs } = JSON.parse(fs.readFileSync(reader, "utf8"));
  assert.deepEqual(runs, [someRun("one"), someRun("two")]);
  fs.closeSync(reader);
});

test("a run that is not listed can't be amended, and the file stays", () => {
  const folder = newFolder();
  const amend = (run: string) => () =>
    amendRun(folder, someRun(run), { series });
  failsWith(/sync\.json doesn't list run one any more/, amend("one"));
  assert.deepEqual(fs.readdirSync(folder), []);
  const json = leaveTwo(folder);
  const before = fs.readFileSync(json, "utf8");
  failsWith(/sync\.json doesn't list run three any more/, amend("three"));
  assert.equal(fs.readFileSync(json, "utf8"), before);
});

test("no run is amended while another one is written", () => {
  const folder = newFolder();
  const json = leaveTwo(folder);
  const results = openResults(folder, "sync", true);
  results.save(someRun("three"));
  const amend = () => amendRun(folder, someRun("one"), { series });
  failsWith(/is being written by process/, amend);
  results.close();
  amend();
  assert.deepEqual(
    readRuns<{ series?: { place: number } }>(json).map(({ series }) =>
      series?.place
    ),
    [
      7,
      undefined,
      undefined,
    ],
  );
});

test("a slash in a name is a dash in the file's", () => {
  const { csv, json } = resultFiles("results", "express/base64");
  assert.equal(csv, path.join("results", "metrics_express-base64.csv"));
  assert.equal(json, path.join("results", "metrics_express-base64.json"));
});
