import assert from "node:assert/strict";
import test from "node:test";
import { formatSummary } from "../../summary.ts";
import { someRow, summarize } from "../../../scripts/dev/testing/processes.ts";
import { checkRows } from "./impossible.ts";

test("a wait is 0 if two clocks differ by less than a tick", () => {
  const rows = [-0.0005, 0.002].map((wait, index) =>
    someRow({ wait, id: String(index) })
  );
  const { wait, response, impossible } = summarize(rows, {
    checks: checkRows(),
  });
  assert.deepEqual([wait!.min, response!.min], [0, 0.0625]);
  assert.equal(impossible, undefined);
});

test("one impossible wait leaves the run without a wait and a total", () => {
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

test("an impossible time of publishing tells its unit", () => {
  const sent = Date.now() / 1000;
  const timestamp = new Date(sent * 1000);
  for (
    const [published, says] of [
      [sent / 1000, /probably in seconds, not milliseconds/],
      [sent * 1e3, /probably in microseconds,/],
      [sent * 1e6, /probably in nanoseconds,/],
      [0, /a call was published in 1970/],
    ] as const
  ) {
    const { impossible } = summarize(
      [someRow({ timestamp, wait: sent - published })],
      { checks: checkRows("published") },
    );
    assert.match(impossible!.join(), says);
  }
});
