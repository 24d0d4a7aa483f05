import assert from "node:assert/strict";
import test from "node:test";
import { formatSummary } from "../../summary.ts";
import { someRow, summarize } from "../../../scripts/dev/testing/processes.ts";
import { checkRows } from "./impossible.ts";

test("what two clocks are off by less than a tick is no wait", () => {
  const rows = [-0.0005, 0.002].map((wait, index) =>
    someRow({ wait, id: String(index) })
  );
  const { wait, response, impossible } = summarize(rows, {
    checks: checkRows(),
  });
  assert.deepEqual([wait!.min, response!.min], [0, 0.0625]);
  assert.equal(impossible, undefined);
});

test("one wait that can't be leaves the run without a wait and a total", () => {
  const rows = Array.from(
    { length: 100 },
    (_, index) =>
      someRow({ wait: index === 70 ? -0.02 : 0.1, id: String(index) }),
  );
  const summary = summarize(rows, { checks: checkRows() });
  const { seconds, throughput, wait, response, elapsed, success } = summary;
  const none = [seconds, throughput, wait, response];
  assert.deepEqual(none, none.map(() => undefined));
  assert.deepEqual([elapsed!.max, success], [0.0625, 1]);
  assert.match(summary.impossible!.join(), /^clock skew of at least 20.0 ms:/);
  const said = formatSummary(summary, "a.csv");
  assert.match(said, /^Duration +\[.*\] +-, /m);
  assert.doesNotMatch(said, /^ +wait|^Response|-\d/m);
});
