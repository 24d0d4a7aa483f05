import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { readDetails } from "./details.ts";
import { someRun } from "../../../scripts/dev/testing/example_runs.ts";
import { temporaryFolder } from "../../../scripts/dev/testing/processes.ts";

const file = path.join(temporaryFolder(), "metrics_a.json");

function read(...runs: unknown[]) {
  fs.writeFileSync(file, JSON.stringify({ runs }));
  return readDetails(file);
}

const series = { id: "one", seed: 1, trial: 2, place: 7, of: 20 };
const options = { rate: [{ limit: 20, per: 1 }], duration: 5, ramp: 0 };

test("runs as they are written are there", () => {
  const runs = [someRun({ options, doubts: ["late"], series }), someRun()];
  const { runs: there, problems } = read(...runs);
  assert.deepEqual(problems, []);
  assert.equal(there.length, 2);
});

const wrong: [given: object, says: RegExp][] = [
  [{ options: { rate: "500" } }, /its rate can't be "500"$/],
  [{ options: { rate: [500] } }, /its rate can't be \[500\]$/],
  [{ options: { rate: [{ limit: 0, per: 1 }] } }, /its rate can't be/],
  [
    { options: { ...options, duration: "5s" } },
    /its duration can't be "5s"$/,
  ],
  [{ options: { url: 5 } }, /its url can't be 5$/],
  [{ options: [] }, /its options can't be \[\]$/],
  [{ doubts: "late" }, /its doubts can't be "late"$/],
  [{ doubts: [{}] }, /its doubts can't be/],
  [{ environment: { cpu: {} } }, /its environment can't be/],
  [{ environment: null }, /its environment can't be null$/],
  [{ start: undefined }, /it has no start$/],
  [{ start: "noon" }, /its start can't be "noon"$/],
  [{ end: 5 }, /its end can't be 5$/],
  [{ command: {} }, /its command can't be \{\}$/],
  [{ concurrency: "1" }, /its concurrency can't be "1"$/],
  [{ calls: -1 }, /its calls can't be -1$/],
  [{ series: 7 }, /its series can't be 7$/],
  [{ series: { ...series, id: 1 } }, /its series can't be {"id":1,/],
  [{ series: { ...series, place: "7" } }, /its series can't be/],
  [{ series: { id: "one" } }, /its series can't be {"id":"one"}$/],
  [{ interrupted: "yes" }, /its interrupted can't be "yes"$/],
];

test("an entry that can't be a run is skipped and named, and the rest are there", () => {
  const good = someRun({ run: "good" });
  for (const [given, says] of wrong) {
    const { runs, problems } = read({ ...someRun(), ...given }, good);
    assert.deepEqual(runs.map(({ run }) => run), ["good"]);
    const [problem, ...others] = problems;
    assert.ok(problem!.startsWith(`${file}:1: entry 1 is skipped: `), problem);
    assert.match(problem!, says);
    assert.deepEqual(others, []);
  }
  for (const entry of [null, 5, "run", []]) {
    assert.deepEqual(read(entry).runs, []);
    assert.deepEqual(read(entry).problems, [
      `${file}:1: entry 1 is not a run`,
    ]);
  }
});
