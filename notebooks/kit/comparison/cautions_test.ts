import assert from "node:assert/strict";
import test from "node:test";
import {
  someRun,
  start,
  trial,
} from "../../../scripts/dev/testing/example_runs.ts";
import type { Run } from "../trials/details.ts";
import type { Row } from "../../../lib/row.ts";
import { cautions } from "./cautions.ts";
import type { Side } from "./steadiness.ts";

const times = [0.05, 0.06, 0.07];

/** A side whose trials began at these places of a series. */
function side(
  label: string,
  places: number[],
  { run = {}, row = {} }: { run?: Partial<Run>; row?: Partial<Row> } = {},
): Side {
  const trials = places.map((place) => {
    const id = `${label}-${place}`;
    const timestamp = new Date(start + place * 1000);
    const made = trial(times, { timestamp, run: id, name: label, ...row });
    return { ...made, run: someRun({ run: id, name: label, ...run }) };
  });
  return { label, trials };
}

const [odd, even] = [[1, 3, 5, 7], [2, 4, 6, 8]];

test("two sides that took turns at the same work need no caution", () => {
  assert.deepEqual(cautions(side("a", odd), side("b", even)), []);
  assert.deepEqual(
    cautions(side("a", [1, 4, 6, 7]), side("b", [2, 3, 5, 8])),
    [],
  );
});

test("sides that ran one after the other are said not to be interleaved", () => {
  const [said] = cautions(side("a", [1, 2, 3, 4]), side("b", [5, 6, 7, 8]));
  assert.match(said!, /^a and b were not interleaved/);
});

test("the same runs on both sides are said to be that", () => {
  const a = side("a", odd);
  assert.ok(cautions(a, a).includes("a and a are the same runs"));
  const partly = {
    label: "b",
    trials: [...side("b", even).trials, a.trials[0]!],
  };
  assert.deepEqual(cautions(a, partly), ["a and b share 1 run: a-1"]);
});

test("other machines, runtimes and versions are said", () => {
  const environment = {
    cpu: "x",
    cpus: 2,
    os: "linux",
    runtime: "deno 2",
    version: "1",
  };
  const on = (other: Partial<typeof environment>) =>
    cautions(
      side("a", odd, { run: { environment } }),
      side("b", even, { run: { environment: { ...environment, ...other } } }),
    );
  assert.deepEqual(on({}), []);
  assert.deepEqual(on({ cpus: 4 }), [
    "the runs were made on different machines: 2 x x, linux; 4 x x, linux",
  ]);
  assert.deepEqual(on({ runtime: "node 24" }), [
    "the runs were made on different runtimes: deno 2; node 24",
  ]);
  assert.equal(on({ version: "2" }).length, 1);
});

test("of a machine that no file tells, nothing is said", () => {
  const on = (one: object, other: object) =>
    cautions(
      side("a", odd, { run: { environment: { ...one } } }),
      side("b", even, { run: { environment: { ...other } } }),
    );
  assert.deepEqual(on({}, { cpu: "x", runtime: "bun 1" }), []);
  assert.deepEqual(on({ cpu: "y" }, { cpu: "x" }), [
    "the runs were made on different machines: y; x",
  ]);
});

test("times from sent are not those from due", () => {
  const vegeta = side("b", even, { row: { wait: undefined } });
  assert.deepEqual(cautions(side("a", odd), vegeta), [
    "the times of b are from sent, and those of a from due: how long calls " +
    "waited was measured in one of them alone",
  ]);
  assert.deepEqual(
    cautions(side("a", odd, { row: { wait: undefined } }), vegeta),
    [],
  );
});

test("options that differ are named, with what each side was given", () => {
  const [a, b] = [{ calls: 30, warmup: 0, out: "x", url: "http://h/?key=1" }, {
    calls: 50,
    warmup: 0,
    out: "y",
    url: "http://h/?key=2",
    concurrency: 3,
  }];
  assert.deepEqual(
    cautions(
      side("a", odd, { run: { options: a } }),
      side("b", even, { run: { options: b } }),
    ),
    ["--calls differs: 30 in a, 50 in b"],
  );
});

test("options that differ within a side are said too", () => {
  const b = side("b", even, { run: { options: { calls: 30 } } });
  b.trials[0]!.run!.options = { calls: 50 };
  const a = side("a", odd, { run: { options: { calls: 30 } } });
  assert.deepEqual(cautions(a, b), ["--calls differs: 30 in a, 50 or 30 in b"]);
});

test("sides without a call in common are said to be that", () => {
  const other = side("b", even, { row: { url: "http://127.0.0.1/other" } });
  assert.match(
    cautions(side("a", odd), other)[0]!,
    /^different pages were called/,
  );
  const message = side("b", even, { row: { id: "run-1" } });
  assert.deepEqual(cautions(side("a", odd), message), []);
  const later = side("b", even, { row: { id: "99" } });
  assert.deepEqual(cautions(side("a", odd), later), [
    "a and b have no call in common, by its number",
  ]);
});

test("one trial of other pages is enough to be said", () => {
  const b = side("b", even);
  for (const row of b.trials[3]!.rows) row.url = "http://127.0.0.1/other";
  b.trials[3]!.run!.options = {};
  assert.match(cautions(side("a", odd), b)[0]!, /^different pages were called/);
});

test("runs that no JSON lists are said to be unknown", () => {
  const b = side("b", even);
  b.trials[1]!.run = undefined;
  assert.deepEqual(cautions(side("a", odd), b), [
    "no JSON says how all runs of b were made, nor if they are whole",
  ]);
});

test("what says where rows go is no difference", () => {
  const options = (text: string) => ({
    run: { options: { out: text, append: text, json: text, name: text } },
  });
  const [a, b] = [side("a", odd, options("x")), side("b", even, options("y"))];
  assert.deepEqual(cautions(a, b), []);
});

test("failures and doubts are said", () => {
  const failed = side("b", even, { row: { status: 500 } });
  assert.match(cautions(side("a", odd), failed)[0]!, /^all calls of b failed/);
  const some = side("b", even);
  some.trials[0]!.summary.failed = 2;
  assert.match(
    cautions(side("a", odd), some)[0]!,
    /^2 calls of 14 failed in b/,
  );
  const doubted = side("b", even, {
    run: { doubts: ["the generator was late"] },
  });
  assert.deepEqual(cautions(side("a", odd), doubted), [
    "not to be trusted: 4 of 4 runs of b, as the generator was late",
  ]);
});
