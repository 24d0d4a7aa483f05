import assert from "node:assert/strict";
import test from "node:test";
import { newTiming, startInFlight, type Timing } from "./client.ts";
import { startRecording, warningsOf } from "./recording.ts";
import { startSummary, type Summary } from "./summary.ts";
import {
  randomNumbers,
  temporaryFolder,
} from "../scripts/dev/testing/processes.ts";

const options = {
  url: undefined,
  timeout: 30,
  warmup: 0,
  out: temporaryFolder(),
  append: false,
  name: undefined,
  seed: 1,
  json: true,
  expect: [],
  maxBody: undefined,
};

/**
 * What a run of 200 overlapping calls comes to if `rowsOf` makes the rows of
 * each, which the books know nothing of.
 */
function summaryOf(rowsOf: (timing: Timing, n: number) => Timing[]): Summary {
  const random = randomNumbers();
  const { began, ended, callSeconds } = startInFlight();
  const { record, end } = startRecording({ name: "style" }, options);
  const { log } = console;
  console.log = () => {};
  try {
    const calls = Array.from({ length: 200 }, (_, n) => {
      const sent = 1e12 + 1000 * random();
      const elapsed = 0.05 + 0.05 * random();
      return Object.assign(newTiming("http://a/", sent), { elapsed, n });
    });
    calls.flatMap(({ sent, elapsed }) => [
      { at: sent, happen: began },
      { at: sent + elapsed * 1000, happen: ended },
    ]).sort((one, other) => one.at - other.at)
      .forEach(({ at, happen }) => happen(at));
    for (const { n, ...timing } of calls) {
      for (const row of rowsOf(timing, n)) record(row, String(n));
    }
    return end(200, { callSeconds: callSeconds() });
  } finally {
    console.log = log;
  }
}

const slower = (factor: number) => (timing: Timing) => [
  { ...timing, elapsed: timing.elapsed! * factor },
];

test("rows that agree with the books aren't doubted", () => {
  const { inFlight, doubts, seconds } = summaryOf((timing) => [timing]);
  const { mean, law } = inFlight!;
  assert.ok(Math.abs(law / mean - 1) < 1e-4, `${law} and not ${mean}`);
  assert.ok(mean > 200 * 0.05 / seconds! && mean < 200 * 0.1 / seconds!);
  assert.equal(doubts, undefined);
});

for (const factor of [0.96, 1.04]) {
  test(`nor are times that are ${factor} of what they were`, () => {
    assert.equal(summaryOf(slower(factor)).doubts, undefined);
  });
}

const wrongs: Record<string, (timing: Timing, n: number) => Timing[]> = {
  "times that are a tenth too long": slower(1.1),
  "times that are a tenth too short": slower(0.9),
  "a tenth of the rows lost": (timing, n) => n % 10 ? [timing] : [],
  "a tenth of the rows there twice": (timing, n) =>
    n % 10 ? [timing] : [timing, { ...timing }],
  "no time at all": (timing) => [{ ...timing, elapsed: undefined }],
};

for (const [wrong, rowsOf] of Object.entries(wrongs)) {
  test(`the books give away ${wrong}`, () => {
    const { doubts = [] } = summaryOf(rowsOf);
    assert.equal(doubts.length, 1);
    assert.match(doubts[0]!, /^the rows are off: .* were in flight .*Little/);
  });
}

const nothing = startSummary().end();

test("the books and Little's law may differ by 5 %, however small", () => {
  const doubtsAt = (mean: number, law: number) =>
    warningsOf({ ...nothing, inFlight: { mean, law } });
  for (const mean of [1e-6, 0.5, 1, 630]) {
    for (const factor of [0.9501, 1, 1.0499]) {
      assert.deepEqual(doubtsAt(mean, factor * mean), []);
    }
    for (const factor of [0, 0.9499, 1.0501, 2]) {
      const [doubt, ...more] = doubtsAt(mean, factor * mean);
      assert.match(doubt!, /^the rows are off: .* missing or there twice/);
      assert.deepEqual(more, []);
    }
  }
  assert.deepEqual(doubtsAt(0, 0), []);
  assert.match(doubtsAt(3.02, 2.7)[0]!, /: 3\.02 calls were .*\) 2\.70;/);
});

test("calls that wait for an open file are warned of", () => {
  assert.deepEqual(warningsOf(nothing), []);
  const [warning] = warningsOf(nothing, 3);
  assert.match(warning!, /^3 calls had to wait, .* no more files/);
});
