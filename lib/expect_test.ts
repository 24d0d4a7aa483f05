import assert from "node:assert/strict";
import test from "node:test";
import { parseExpectation } from "./expect.ts";
import { someRow, summarize } from "../scripts/dev/testing/processes.ts";

// Elapsed is 1 to 100 ms, wait is 50 ms; 90 of 100 calls succeed.
const summary = summarize(
  Array.from({ length: 100 }, (_, index) =>
    someRow({
      id: String(index),
      elapsed: (index + 1) / 1000,
      wait: 0.05,
      status: index < 90 ? 200 : 500,
    })),
);

const held = [
  "elapsed.max<=100ms",
  "elapsed.max < 0.2s",
  "elapsed.min>0ms",
  "elapsed.p50<51ms",
  "wait.max<=50ms",
  "response.min>=51ms",
  "max<=151ms",
  "mean>100ms",
  "p99<1m",
  "ok.max<=140ms",
  "ok.p50<96ms",
  "ok>=90",
  "failed<=10",
  "unsent<1",
  "success>=0.9",
  "throughput>0",
];

for (const rule of held) {
  test(`${rule} holds`, () => {
    assert.equal(parseExpectation(rule)(summary), undefined);
  });
}

const broken: [string, RegExp][] = [
  ["elapsed.max<100ms", /expected elapsed\.max<100ms, measured 100 ms/],
  ["p50<100ms", /measured 10[01] ms/],
  ["success>0.9", /expected success>0\.9, measured 0\.9/],
  ["failed<10", /measured 10/],
  ["ok.max<140ms", /expected ok\.max<140ms, measured 140 ms/],
];

for (const [rule, message] of broken) {
  test(`${rule} doesn't hold, and says what was measured`, () => {
    assert.match(parseExpectation(rule)(summary) ?? "", message);
  });
}

test("what was not measured doesn't hold, whatever is expected", () => {
  const unmeasured = summarize([someRow({ wait: undefined })], { calls: 1 });
  for (const rule of ["wait.min>=0s", "wait.max<1h", "rate>=0"]) {
    assert.match(parseExpectation(rule)(unmeasured) ?? "", /measured -/);
  }
});

const failures = { ok: 0, refused: 2 };
for (const [what, calls] of Object.entries(failures)) {
  test(`no rule about times holds if no call succeeded: ${what}`, () => {
    const failed = summarize(
      Array.from({ length: calls }, (_, index) =>
        someRow({
          id: String(index),
          elapsed: 0.001,
          status: undefined,
          error: "refused: connect ECONNREFUSED",
        })),
      { calls: 2 },
    );
    for (const part of ["", "ok.", "response.", "wait.", "elapsed."]) {
      for (const rule of ["p99<1h", "max>=0s", "mean<=1h"]) {
        assert.equal(
          parseExpectation(part + rule)(failed),
          `expected ${part}${rule}, but no call succeeded`,
        );
      }
    }
    assert.equal(parseExpectation("success>=0")(failed), undefined);
  });
}

const malformed = [
  "",
  "p99",
  "p99<",
  "<500ms",
  "p99<500",
  "p99=500ms",
  "p99=<500ms",
  "p98<500ms",
  "elapsed<500ms",
  "elapsed.<500ms",
  "latency.p99<500ms",
  "constructor.p99<500ms",
  "response.p99.x<500ms",
  "ok<many",
  "ok<1.2.3",
  "success>=-1",
  "p99<500ms p50<1s",
];

for (const rule of malformed) {
  test(`"${rule}" is not a rule`, () => {
    assert.throws(() => parseExpectation(rule), RangeError);
  });
}
