import assert from "node:assert/strict";
import test from "node:test";
import { figure } from "./chart.ts";
import {
  callsInTime,
  finding,
  type Load,
  percentileCurve,
  quantiles,
  ratesInTime,
  ratesOf,
} from "./load_charts.ts";
import type { Run } from "../results.ts";
import type { Row } from "../rows.ts";
import { distribution } from "../statistics.ts";
import { summarize } from "../summary.ts";
import { randomNumbers, someRow } from "../testing.ts";
import type { Trial } from "./trials.ts";

const start = Date.parse("2024-05-06T07:08:09.000Z");
const stall = "http://127.0.0.1:8080/stall";

/** A trial of calls that took so many seconds, ten a second. */
function trial(times: (number | undefined)[], given: Partial<Row> = {}): Trial {
  const rows = times.map((elapsed, index) =>
    someRow({
      url: stall,
      id: String(index + 1),
      timestamp: new Date(start + index * 100),
      elapsed,
      ...given,
    })
  );
  return { rows, summary: summarize(rows) };
}

function attack(...trials: Trial[]): Load {
  const whose = "the attack's";
  return { label: "attack", whose, color: "red", isOpen: true, trials };
}

function users(...trials: Trial[]): Load {
  const whose = "the users'";
  return { label: "users", whose, color: "blue", isOpen: false, trials };
}

/** A thousand calls, of which so many took long. */
function calls(long: number, time = 0.5): number[] {
  return Array.from({ length: 1000 }, (_, id) => id < long ? time : 0.005);
}

const hit = () => trial(calls(90));
const spared = () => trial(calls(2));

test("a freeze is hidden from users if only the attack's p99 has it", () => {
  assert.equal(
    finding([attack(hit(), hit()), users(spared(), spared())]),
    "The freeze of the server is in the attack's p99 (500 ms), and not in the " +
      "users' (5.00 ms)",
  );
});

for (
  const [what, load, title] of [
    [
      "also have it",
      users(trial(calls(90, 0.3)), trial(calls(90, 0.3))),
      "The attack's p99 is 500 ms, and the users' 300 ms",
    ],
    [
      "never met it",
      users(trial(calls(0)), trial(calls(0))),
      "The attack's p99 is 500 ms, and the users' 5.00 ms",
    ],
    [
      "differ no more than their own trials do",
      users(hit(), spared()),
      "No difference shown between the attack's p99 and the users'",
    ],
    [
      "were measured once",
      users(trial(calls(90, 0.3))),
      "The attack's p99 is 500 ms, and the users' 300 ms, in a single trial",
    ],
    [
      "called another server",
      users(trial(calls(2), { url: "http://other.test/stall" })),
      "No comparison of the p99: the calls went to different servers",
    ],
    [
      "had no answer",
      users(trial([undefined])),
      "The attack's p99 is 500 ms; there is nothing to compare it with",
    ],
  ] as const
) {
  test(`no freeze is said to be hidden from users who ${what}`, () => {
    assert.equal(finding([attack(hit(), hit()), load]), title);
  });
}

test("no freeze is claimed of a server that nobody told to freeze", () => {
  const url = "http://127.0.0.1:8080/";
  const [one, other] = [trial(calls(90), { url }), trial(calls(2), { url })];
  assert.equal(
    finding([attack(one, one), users(other, other)]),
    "The attack's p99 is 500 ms, and the users' 5.00 ms",
  );
});

test("the finding of a run that is in doubt is in doubt", () => {
  const doubtful = { ...hit(), run: { doubts: ["late"] } as Run };
  const title = finding([attack(doubtful, hit()), users(spared(), spared())]);
  assert.match(title, /\(5\.00 ms\), of runs that are in doubt$/);
});

test("a percentile curve rises through the exact percentiles, in few points", () => {
  const random = randomNumbers();
  const times = Array.from({ length: 100_000 }, () => -Math.log(1 - random()));
  const points = quantiles(Float64Array.from(times).sort());
  assert.ok(points.length <= 200);
  const { min, p99 } = distribution(times)!;
  assert.deepEqual(points[0], { decades: 0, time: min });
  assert.ok(Math.abs(points.at(-1)!.decades - 5) < 1e-9);
  points.slice(1).forEach(({ decades, time }, index) => {
    assert.ok(decades > points[index]!.decades);
    assert.ok(time >= points[index]!.time);
  });
  const above = points.findIndex(({ decades }) => decades >= 2);
  assert.ok(points[above]!.time >= p99 && points[above - 1]!.time <= p99);
});

test("the rates of all steps add up to the calls", () => {
  const random = randomNumbers();
  const times = Array.from({ length: 1000 }, () => random() * 7);
  const rates = ratesOf([...times, 7], 7 / 50);
  const sum = rates.reduce((sum, { rate }) => sum + rate * 7 / 50, 0);
  assert.equal(Math.round(sum), 1001);
  assert.equal(rates.at(-1)!.rate, 0);
});

test("calls that were due and not sent are asked for", () => {
  const options = { rate: [{ limit: 20, per: 1 }], duration: 10, ramp: 0 };
  const sent = trial(new Array(100).fill(0.005));
  const summary = summarize(sent.rows, { calls: 200 });
  const run = { options } as unknown as Run;
  const { title } = ratesInTime([attack({ ...sent, summary, run })]);
  assert.match(title, /^Of the 20\.0 calls a second that the attack asked for/);
  const { title: without } = ratesInTime([attack(sent)]);
  assert.match(without, /^Of the 10\.0+ calls a second that the attack asked/);
});

test("truth is drawn only where the target's clock is known", () => {
  const url = `${stall}?at=2s&for=500ms&every=20s&delay=5ms&key=`;
  const known = trial(calls(9), { url: `${url}a` });
  const later = trial(calls(9), {
    url: `${url}a`,
    timestamp: new Date(start + 1e6),
  });
  const warm = { ...known, run: { options: { warmup: 1 } } as unknown as Run };
  const draws = (...loads: Load[]) =>
    percentileCurve(loads).sentence.includes("law");
  assert.equal(draws(attack(known)), true);
  assert.equal(draws(attack(later), users(known)), false);
  assert.equal(draws(attack(warm)), false);
  assert.equal(draws(attack(hit())), false);
});

for (
  const [what, times] of [
    ["one call", [0.005]],
    ["two calls of one time", [0.005, 0.005]],
    ["no time at all", [0, 0, 0]],
    ["no answer", [undefined, undefined]],
    ["times from a microsecond to an hour", [1e-6, 3600]],
    ["more calls than dots", calls(9).concat(calls(9), calls(9))],
  ] as const
) {
  test(`${what} can be drawn`, () => {
    const loads = [attack(trial([...times])), users(trial([...times]))];
    for (const chart of [callsInTime, percentileCurve, ratesInTime]) {
      const { html } = figure(chart(loads));
      assert.doesNotMatch(html, /NaN|Infinity|undefined/);
    }
  });
}
