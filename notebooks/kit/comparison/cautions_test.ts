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

/** Two sides that took turns, of which each has something of its own. */
const a = (given = {}) => side("a", [1, 3, 5, 7], given);
const b = (given = {}) => side("b", [2, 4, 6, 8], given);
const on = (environment: Run["environment"]) => ({ run: { environment } });
const told = (options: Run["options"]) => ({ run: { options } });

/** A side after a change of its trials. */
function changed(one: Side, change: (trials: Side["trials"]) => void): Side {
  change(one.trials);
  return one;
}

const here = { cpu: "x", cpus: 2, os: "linux", runtime: "deno 2" };
const where = (text: string) =>
  told({ out: text, append: text, json: text, name: text });
const other = { row: { url: "http://127.0.0.1/other" } };
const shared = [...b().trials, a().trials[0]!];

const cases: [what: string, a: Side, b: Side, ...said: RegExp[]][] = [
  ["turns", a(), b()],
  ["turns in any order", side("a", [1, 4, 6, 7]), side("b", [2, 3, 5, 8])],
  [
    "one side after the other",
    side("a", [1, 2, 3, 4]),
    side("b", [5, 6, 7, 8]),
    /^a and b were not interleaved/,
  ],
  [
    "a shared run",
    a(),
    { label: "b", trials: shared },
    /^a and b share 1 run: a-1$/,
  ],
  ["one machine", a(on(here)), b(on(here))],
  [
    "other machines",
    a(on(here)),
    b(on({ ...here, cpus: 4 })),
    /^the runs were made on different machines: 2 x x, linux; 4 x x, linux$/,
  ],
  [
    "other runtimes",
    a(on(here)),
    b(on({ ...here, runtime: "node 24" })),
    /^the runs were made on different runtimes: deno 2; node 24$/,
  ],
  [
    "other versions",
    a(on({ version: "1" })),
    b(on({ version: "2" })),
    /^the runs were made on different versions of the scripts: 1; 2$/,
  ],
  ["an unknown machine", a(on({})), b(on({ cpu: "x", runtime: "bun 1" }))],
  [
    "times from sent",
    a(),
    b({ row: { wait: undefined } }),
    /^the times of b are from sent, and those of a from due: how long calls waited was measured in one of them alone$/,
  ],
  [
    "times from sent on both sides",
    a({ row: { wait: undefined } }),
    b({ row: { wait: undefined } }),
  ],
  [
    "other options, but for keys and where rows go",
    a(told({ calls: 30, warmup: 0, out: "x", url: "http://h/?key=1" })),
    b(told({ calls: 50, warmup: 0, out: "y", url: "http://h/?key=2" })),
    /^--calls differs: 30 in a, 50 in b$/,
  ],
  ["other places for rows", a(where("x")), b(where("y"))],
  [
    "options that differ within a side",
    a(told({ calls: 30 })),
    changed(
      b(told({ calls: 30 })),
      ([one]) => one!.run!.options = { calls: 50 },
    ),
    /^--calls differs: 30 in a, 50 or 30 in b$/,
  ],
  ["other pages", a(), b(other), /^different pages were called/],
  [
    "other pages in one trial",
    a(),
    changed(b(), (trials) => {
      trials[3]!.rows = side("b", [8], other).trials[0]!.rows;
      trials[3]!.run!.options = {};
    }),
    /^different pages were called/,
  ],
  ["a message's id", a(), b({ row: { id: "run-1" } })],
  [
    "other numbers",
    a(),
    b({ row: { id: "99" } }),
    /^a and b have no call in common, by its number$/,
  ],
  [
    "a run that no JSON lists",
    a(),
    changed(b(), ([, one]) => one!.run = undefined),
    /^no JSON says how all runs of b were made, nor if they are whole$/,
  ],
  [
    "some failures",
    a(),
    changed(b(), ([one]) => one!.summary.failed = 2),
    /^2 calls of 14 failed in b; /,
  ],
  [
    "doubts",
    a(),
    b({ run: { doubts: ["the generator was late"] } }),
    /^not to be trusted: 4 of 4 runs of b, as the generator was late$/,
  ],
];

test("a comparison comes with what may be wrong with it, and nothing else", () => {
  for (const [what, one, other, ...said] of cases) {
    const found = cautions(one, other);
    assert.equal(found.length, said.length, `${what}: ${found.join("\n")}`);
    said.forEach((says, index) => assert.match(found[index]!, says));
  }
  const same = a();
  assert.ok(cautions(same, same).includes("a and a are the same runs"));
  const failed = b({ row: { status: 500 } });
  assert.match(cautions(a(), failed)[0]!, /^all calls of b failed/);
});
