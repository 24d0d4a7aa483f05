import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { rowsOf, writeResults } from "./dev/testing/example_sides.ts";
import { runScript, temporaryFolder } from "./dev/testing/processes.ts";

const folder = temporaryFolder();
const [fast, slow] = [["fast", 0.1], ["slow", 0.2]].map(([name, elapsed]) =>
  writeResults(
    path.join(folder, `${name}.csv`),
    rowsOf(String(name), 5, { elapsed: Number(elapsed) }),
  )
) as [string, string];

const compare = (...options: string[]) => runScript("compare.ts", ...options);

test("two CSVs make a table, with a verdict on each figure", async () => {
  const { code, stdout, stderr } = await compare(fast, slow);
  assert.equal(stderr, "");
  assert.match(stdout, /^ +fast \(5\) +slow \(5\) +difference +in per cent/);
  assert.match(stdout, /^p50 .* \+100 % .* slower$/m);
  assert.match(stdout, /^success .* no difference shown$/m);
  assert.equal(code, 0);
});

test("--expect decides the exit code, and --json says all", async () => {
  const broken = "p99<=+5%";
  const [strict, kept] = await Promise.all([
    compare(fast, slow, "--json", "--expect", broken, "--expect", "p50<999%"),
    compare(fast, slow, "--expect", "p99>=+50%", "--expect", "success>=0%"),
  ]);
  assert.match(strict.stderr, /^slow: expected p99<=\+5%, measured \+100 %/);
  assert.equal(strict.stderr.trim().split("\n").length, 1);
  assert.equal(strict.code, 3);
  const [{ a, b, figures }] = JSON.parse(strict.stdout);
  assert.deepEqual([a.label, b.label], ["fast", "slow"]);
  assert.equal(figures.p99.verdict, "slower");
  assert.deepEqual([kept.stderr, kept.code], ["", 0]);
});

test("a mistake is told, without a stack", async () => {
  const [none, absent, rule] = await Promise.all([
    compare(),
    compare(fast, path.join(folder, "absent.csv")),
    compare(fast, slow, "--expect", "p99<5ms"),
  ]);
  assert.match(none.stderr, /^name the CSVs to compare/);
  assert.match(absent.stderr, /absent\.csv: there is no such file/);
  assert.match(rule.stderr, /^--expect takes a rule .* not "p99<5ms"$/m);
  assert.deepEqual([none, absent, rule].map(({ code }) => code), [2, 1, 2]);
});

test("a side whose calls fail is faster in nothing", async () => {
  const after = writeResults(
    path.join(folder, "after.csv"),
    rowsOf("after", 5, { elapsed: 0.1 }).map((row) =>
      row.id === "1" ? row : {
        ...row,
        elapsed: 0.01,
        status: undefined,
        error: "refused: connect ECONNREFUSED",
      }
    ),
  );
  const rules = ["p50<=+5%", "p99<=+5%", "mean<0%"]
    .flatMap((rule) => ["--expect", rule]);
  const { code, stdout, stderr } = await compare(fast, after, ...rules);
  for (const figure of ["p50", "p90", "p99", "mean"]) {
    assert.match(stdout, RegExp(`^${figure} .*not comparable$`, "m"));
  }
  assert.match(stdout, /^success .* fewer succeed$/m);
  const why = /fewer calls of after succeed \(5\.00 %\) than of fast \(100 %\)/;
  assert.match(stdout, RegExp(`^CAUTION: ${why.source}`, "m"));
  assert.doesNotMatch(stdout, /^p.*faster$/m);
  assert.equal(stderr.trim().split("\n").length, 3);
  for (const line of stderr.trim().split("\n")) assert.match(line, why);
  assert.equal(code, 3);
  // Nor is the side before it slower, which is the same said from the other end.
  assert.doesNotMatch((await compare(after, fast)).stdout, /^p50 .*slower$/m);
});

test("a few failures that may be chance don't forbid a verdict", async () => {
  const few = writeResults(
    path.join(folder, "few.csv"),
    rowsOf("few", 5, { elapsed: 0.05 }).map((row, index) =>
      index === 7 ? { ...row, status: 500 } : row
    ),
  );
  const { stdout } = await compare(fast, few);
  assert.match(stdout, /^p50 .* faster$/m);
});

test("no rule about times holds where no call of a side succeeds", async () => {
  const down = writeResults(
    path.join(folder, "down.csv"),
    rowsOf("down", 5, { elapsed: 0.001, status: undefined, error: "reset: x" }),
  );
  const { code, stderr } = await compare(fast, down, "--expect", "p99<=+5%");
  assert.equal(
    stderr,
    "down: expected p99<=+5%, but no call of down succeeded\n",
  );
  assert.equal(code, 3);
});
