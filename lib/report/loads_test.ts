import assert from "node:assert/strict";
import test from "node:test";
import { finding, idealTimes, type Load, ratesAnswered } from "./loads.ts";
import type { Run } from "../results.ts";
import { summarize } from "../summary.ts";
import { attack, calls, stall, start, trial, users } from "./testing.ts";

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

test("calls that were due and not sent are asked for", () => {
  const options = { rate: [{ limit: 20, per: 1 }], duration: 10, ramp: 0 };
  const sent = trial(new Array(100).fill(0.005));
  const summary = summarize(sent.rows, { calls: 200 });
  const run = { options } as unknown as Run;
  const title = ratesAnswered([attack({ ...sent, summary, run })]);
  assert.match(title, /^Of the 20\.0 calls a second that the attack asked for/);
  const without = ratesAnswered([attack(sent)]);
  assert.match(without, /^Of the 10\.0+ calls a second that the attack asked/);
});

test("the truth is known only where the target's clock is", () => {
  const url = `${stall}?at=2s&for=500ms&every=20s&delay=5ms&key=`;
  const known = trial(calls(9), { url: `${url}a` });
  const later = trial(calls(9), {
    url: `${url}a`,
    timestamp: new Date(start + 1e6),
  });
  const warm = { ...known, run: { options: { warmup: 1 } } as unknown as Run };
  const knows = (load: Load, ...others: Load[]) =>
    idealTimes(load.trials[0]!, [load, ...others]) !== undefined;
  assert.equal(knows(attack(known)), true);
  assert.equal(knows(attack(later), users(known)), false);
  assert.equal(knows(attack(warm)), false);
  assert.equal(knows(attack(hit())), false);
});
