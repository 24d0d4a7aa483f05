import assert from "node:assert/strict";
import test from "node:test";
import { comparable } from "./newest.ts";
import {
  someRun,
  start,
  trial,
} from "../../scripts/dev/testing/example_runs.ts";
import type { Run } from "./trials/details.ts";

/** What was measured, one run after the other. */
function measured(...runs: Partial<Run>[]) {
  const trials = runs.map((run, index) => ({
    ...trial([1], { timestamp: new Date(start + index * 1000) }),
    run: someRun({ run: String(index), ...run }),
  }));
  const kept = comparable({ name: "attack", trials, problems: [] });
  return [kept.trials.map(({ run }) => run!.run), kept.notes];
}

const url = (key: string, path = "") => `http://a/${path}?at=2s&key=${key}`;
const common = { rate: [{ limit: 20, per: 1 }], duration: 5, ramp: 0 };
const usual = { options: { ...common, url: url("a") } };

test("runs are kept that have the options of the newest", () => {
  const alike = { ...usual.options, out: "elsewhere", url: url("b") };
  assert.deepEqual(measured(usual, { options: alike }), [["0", "1"], []]);
  assert.deepEqual(measured(), [[], []]);
  const changes = {
    rate: [{ limit: 400, per: 1 }],
    ramp: 1,
    duration: 6,
    users: 2,
    spawnRate: 2,
    think: 1,
    maxInFlight: 2,
    connections: 2,
    method: "POST",
    targets: "a file",
    url: url("a", "other"),
  };
  for (const [name, value] of Object.entries(changes)) {
    const other = { options: { ...usual.options, [name]: value } };
    assert.deepEqual(measured(other, usual, usual, other), [["0", "3"], [
      "2 runs of attack with other options are left out",
    ]], name);
  }
});
