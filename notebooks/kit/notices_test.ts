import assert from "node:assert/strict";
import test from "node:test";
import type { Run } from "./trials/details.ts";
import { someRun } from "../../scripts/dev/testing/example_runs.ts";
import { machineList } from "./notices.ts";

const here = { cpu: "x", cpus: 2, os: "Linux 6 x64", runtime: "deno 2" };
const there = { ...here, cpus: 8 };

const text = (runs: Run[]) =>
  machineList(runs).html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
const run = (name: string, environment: Run["environment"]) =>
  someRun({ name, environment });

test("runs of one machine, or of none that is known, need no notice", () => {
  assert.equal(text([]), "");
  assert.equal(
    text([run("a", here), run("b", { ...here, runtime: "bun 1" })]),
    "",
  );
  assert.equal(text([run("a", here), run("b", {})]), "");
});

test("a notice lists which runs each of several machines made", () => {
  const runs = [
    run("a", here),
    run("b", here),
    run("b", there),
    run("b", there),
  ];
  assert.equal(
    text([...runs, run("c", there)]),
    "The runs were made on different machines. Whatever is compared below, the " +
      "machines are compared with it: 2 x x, Linux 6 x64: a, 1 of 3 runs of b " +
      "8 x x, Linux 6 x64: 2 of 3 runs of b, c",
  );
  const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
  const many = names.map((name) => run(name, here));
  assert.match(text([...many, run("a", there)]), /n8, n9, and 90 more 8 x x/);
});
