import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { readRuns, resultFiles } from "../../lib/results.ts";
import { errorClass, type Row } from "../../lib/row.ts";
import { parseRows } from "../../notebooks/kit/rows/parse_rows.ts";
import { startServer } from "../../lib/script.ts";
import { type Ended, eventually, get, readRows } from "./testing/processes.ts";
import { runScript, spawnScript, stats } from "./testing/processes.ts";
import { temporaryFolder } from "./testing/processes.ts";

const target = await startServer("target.ts");
after(target.stop);

const parent = temporaryFolder();

/** The files of a run, and the options that write them there. */
function newOutput(name: string) {
  const folder = fs.mkdtempSync(path.join(parent, "results-"));
  return { ...resultFiles(folder, name), options: ["--out", folder] };
}

/** The ids of the rows of a file, sorted. */
const idsOf = (file: string) =>
  readRows(file).map((row) => Number(row.id)).sort((a, b) => a - b);

const range = (length: number) => Array.from({ length }, (_, i) => i + 1);

function assertDone({ code, stderr }: Ended) {
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
}

/** Whether the server of a URL has ended. */
const isGone = (url: string) => get(url).then(() => false, () => true);

/** Commands and their most calls in flight, by the name of their rows. */
const styles: Record<string, [typed: string[], mostInFlight: number]> = {
  "sync": [["sync.ts"], 1],
  "async": [["async.ts"], 12],
  "semaphore-3": [["semaphore.ts"], 3],
  "semaphore-5": [["semaphore.ts", "--concurrency", "5"], 5],
};

/** Checks that each call was sent after the one before it had ended. */
function assertInOrder(rows: Row[]) {
  assert.deepEqual(rows.map((row) => Number(row.id)), range(rows.length));
  rows.reduce((before, row) => {
    // The file has six decimals, hence the tolerance.
    assert.ok(row.wait! + 2e-6 >= before.wait! + before.elapsed!);
    return row;
  });
}

for (const [name, [typed, mostInFlight]] of Object.entries(styles)) {
  test(`${name} has ${mostInFlight} of 12 calls in flight`, async () => {
    const own = await startServer("target.ts");
    const output = newOutput(name);
    const url = `${own.url}/delay/${mostInFlight === 12 ? 500 : 50}?id={id}`;
    const options = ["--url", url, "--calls", "12", ...output.options];
    const ended = await runScript(...typed as [string], ...options);
    const counted = await stats(own.url);
    await own.stop();

    assertDone(ended);
    assert.equal(counted.mostInFlight, mostInFlight);
    assert.equal(counted.accepted, 12);
    // One connection for each call in flight, and one for /stats.
    assert.equal(counted.connections, mostInFlight + 1);
    const rows = readRows(output.csv);
    assert.deepEqual(idsOf(output.csv), range(12));
    assert.equal(new Set(rows.map((row) => row.run)).size, 1);
    if (mostInFlight === 1) assertInOrder(rows);
    for (const row of rows) {
      assert.equal(row.name, name);
      assert.equal(row.url, url.replace("{id}", row.id));
      assert.ok(row.wait! >= 0 && row.server! <= row.elapsed!);
    }
    const [run] = readRuns(output.json);
    assert.equal(run!.run, rows[0]!.run);
    assert.equal(run!.concurrency, mostInFlight === 12 ? null : mostInFlight);
  });
}

test("a paused semaphore holds its permits after an answer", async () => {
  const output = newOutput("semaphore-2");
  const { code } = await runScript(
    "semaphore.ts",
    ...["--concurrency", "2", "--pause", "200ms", "--calls", "4"],
    ...["--url", `${target.url}/delay/0`, ...output.options],
  );
  assert.equal(code, 0);
  for (const row of readRows(output.csv).filter(({ id }) => Number(id) > 2)) {
    // Timers fire up to a millisecond early.
    assert.ok(row.wait! >= 0.199, `${row.id} waited ${row.wait}`);
  }
});

test("warm-up calls are made but not recorded", async () => {
  const own = await startServer("target.ts");
  const output = newOutput("async");
  const { code, stdout } = await runScript(
    "async.ts",
    ...["--url", `${own.url}/delay/1`, "--calls", "5", "--warmup", "7"],
    ...["--json", ...output.options],
  );
  const { accepted } = await stats(own.url);
  await own.stop();
  assert.equal(code, 0);
  assert.equal(accepted, 12);
  assert.deepEqual(idsOf(output.csv), range(5));
  const { calls, inFlight, doubts } = JSON.parse(stdout);
  assert.equal(calls, 5);
  // Nor do they count as calls in flight.
  assert.ok(Math.abs(inFlight.law / inFlight.mean - 1) < 0.01);
  assert.equal(doubts, undefined);
});

test("--json is one object with all figures", async () => {
  const output = newOutput("sync");
  const ended = await runScript(
    "sync.ts",
    ...["--url", `${target.url}/?id={id}`, "--calls", "3", "--json"],
    ...output.options,
  );
  assertDone(ended);
  assert.equal(ended.stdout.trim().split("\n").length, 1);
  const summary = JSON.parse(ended.stdout);
  assert.deepEqual(
    Object.keys(summary).sort(),
    ("attack attempts bytesIn bytesOut calls connections efficiency elapsed errors failed firstErrors inFlight name ok okResponse optimum " +
      "rate response run seconds status success throughput unsent wait")
      .split(" "),
  );
  for (const part of ["elapsed", "wait", "response"]) {
    const figures = summary[part];
    assert.deepEqual(
      Object.keys(figures),
      ["min", "mean", "p50", "p90", "p95", "p99", "max"],
    );
    assert.ok(figures.min <= figures.p50 && figures.p50 <= figures.max);
  }
  assert.deepEqual(summary.status, { 200: 3 });
  assert.deepEqual(summary.errors, {});
  assert.equal(summary.bytesIn, 3 * "ok\n".length);
  const served = readRows(output.csv).map((row) => row.server!);
  const sum = served.reduce((sum, server) => sum + server);
  assert.ok(Math.abs(summary.optimum - sum) < 1e-5);
  assert.ok(summary.efficiency > 0 && summary.efficiency <= 1);
});

test("a run replaces the file, or adds to it with --append", async () => {
  const output = newOutput("own-name");
  const run = (...options: string[]) =>
    runScript(
      "async.ts",
      ...["--url", target.url, "--calls", "2", "--name", "own-name"],
      ...[...output.options, ...options],
    );
  for (const expected of [1, 2]) {
    assertDone(await run("--append"));
    const runs = new Set(readRows(output.csv).map((row) => row.run));
    assert.deepEqual(idsOf(output.csv).length, 2 * expected);
    assert.deepEqual(readRuns(output.json).map(({ run }) => run), [...runs]);
  }
  assertDone(await run());
  assert.deepEqual(idsOf(output.csv), [1, 2]);
  assert.equal(readRuns(output.json).length, 1);
});

test("a failed --expect is exit code 3", async () => {
  const { options } = newOutput("async");
  const url = `${target.url}/status/500`;
  const run = (...expected: string[]) =>
    runScript(
      "async.ts",
      ...["--calls", "2", "--url", url, ...options, ...expected],
    );
  const [held, broken] = await Promise.all([
    run("--expect", "failed<=2", "--name", "held"),
    run("--expect", "success>=0.5", "--expect", "p99<1h", "--name", "broken"),
  ]);
  assertDone(held!);
  assert.equal(broken!.code, 3);
  assert.match(broken!.stderr, /^expected success>=0\.5, measured 0/);
  assert.match(broken!.stdout, /2 due = 0 ok \+ 2 failed/);
});

test("without --url a target is started, and stopped again", async () => {
  const output = newOutput("async");
  const options = ["--calls", "3", "--seed", "5", ...output.options];
  assertDone(await runScript("async.ts", ...options));
  const [row] = readRows(output.csv);
  assert.match(row!.url, /^http:\/\/127\.0\.0\.1:\d+\/\?id=\d$/);
  assert.ok(await isGone(row!.url));
});

/** Starts a long run and waits for its first rows. */
async function startLongRun() {
  const output = newOutput("semaphore-5");
  const { child, ended } = spawnScript("semaphore.ts", [
    ...["--concurrency", "5", "--calls", "5000", "--json", ...output.options],
  ]);
  const url = await eventually("a row in the file", () => {
    if (!fs.existsSync(output.csv)) return undefined;
    return parseRows(fs.readFileSync(output.csv, "utf8")).rows[0]?.url;
  });
  return { pid: child.pid!, ended, url, ...output };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends a run in order, with every call accounted for`, async () => {
    const { pid, ended, url, csv, json } = await startLongRun();
    // Ctrl-C on a terminal signals the whole process group.
    process.kill(signal === "SIGINT" ? -pid : pid, signal);
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^waiting for [1-5] calls? in flight; .*\n$/);
    const { calls, ok, failed, unsent } = JSON.parse(stdout);
    assert.equal(calls, 5000);
    assert.equal(ok + unsent, 5000);
    assert.ok(ok > 0 && unsent > 0);
    assert.equal(failed, 0);
    assert.equal(readRows(csv).length, ok);
    assert.ok(readRuns(json)[0]!.end);
    assert.ok(await isGone(url));
  });
}

test("a second Ctrl-C aborts the calls in flight, and each has a row", async () => {
  const fresh = await startServer("target.ts");
  const output = newOutput("async");
  const { child, ended } = spawnScript("async.ts", [
    ...["--url", `${fresh.url}/fault/hang`, "--calls", "4", "--json"],
    ...output.options,
  ]);
  await eventually(
    "four calls in flight",
    async () => (await stats(fresh.url)).inFlight === 4,
  );
  process.kill(child.pid!, "SIGINT");
  await once(child.stderr!, "data");
  process.kill(child.pid!, "SIGINT");
  const { code, stdout } = await ended;
  await fresh.stop();
  assert.equal(code, 130);
  const { failed, errors } = JSON.parse(stdout);
  assert.deepEqual([failed, errors], [4, { aborted: 4 }]);
  assert.ok(readRows(output.csv).every((row) => errorClass(row) === "aborted"));
});

test("Ctrl-C ends a pause at once", async () => {
  const output = newOutput("semaphore-1");
  const { child, ended } = spawnScript("semaphore.ts", [
    ...["--concurrency", "1", "--pause", "1m", "--calls", "3", "--json"],
    ...["--url", target.url, ...output.options],
  ]);
  await eventually("the first row", () =>
    fs.existsSync(output.csv) &&
    fs.readFileSync(output.csv, "utf8").split("\n").length > 2);
  process.kill(child.pid!, "SIGINT");
  const { code, stdout } = await ended;
  assert.equal(code, 130);
  assert.equal(JSON.parse(stdout).unsent, 2);
});

test("a killed run leaves its rows, and nothing else behind", async () => {
  const { pid, ended, url, csv } = await startLongRun();
  process.kill(pid, "SIGKILL");
  assert.notEqual((await ended).code, 0);
  await eventually("the target's end", () => isGone(url));
  const { rows, problems } = parseRows(fs.readFileSync(csv, "utf8"));
  assert.ok(rows.length > 0);
  assert.ok(problems.every(({ message }) => message.includes("torn")));
});

test("Ctrl-C in the warm-up leaves the old rows alone", async () => {
  const fresh = await startServer("target.ts");
  const output = newOutput("sync");
  fs.writeFileSync(output.csv, "old\n");
  const { child, ended } = spawnScript("sync.ts", [
    ...["--url", `${fresh.url}/delay/60000`, "--warmup", "3"],
    // So that a call made after the Ctrl-C would end as well.
    ...["--timeout", "10s", ...output.options],
  ]);
  await eventually(
    "a call",
    async () => (await stats(fresh.url)).inFlight === 1,
  );
  process.kill(child.pid!, "SIGINT");
  assert.equal((await ended).code, 130);
  assert.equal(fs.readFileSync(output.csv, "utf8"), "old\n");
  assert.equal((await stats(fresh.url)).accepted, 1);
  await fresh.stop();
});
