import assert from "node:assert/strict";
import test from "node:test";
import {
  duesOf,
  finding,
  idealTimes,
  type Load,
  longCalls,
  ratesAnswered,
  ratesOf,
} from "./loads.ts";
import {
  randomNumbers,
  summarize,
} from "../../scripts/dev/testing/processes.ts";
import { attack, calls, users } from "../../scripts/dev/testing/pages.ts";
import {
  someRun,
  stall,
  start,
  trial,
} from "../../scripts/dev/testing/example_runs.ts";
import type { Trial } from "../kit/trials/trials.ts";

const hit = () => trial(calls(90));
const spared = () => trial(calls(2));

/** Fewer trials claim nothing. */
function five(made: Trial): Trial[] {
  return new Array<Trial>(5).fill(made);
}

test("a freeze is hidden from users if only the attack's p99 has it", () => {
  assert.equal(
    finding([attack(...five(hit())), users(...five(spared()))]),
    "The freeze of the server is in the attack's p99 (500 ms), and not in the " +
      "users' (5.00 ms): 495 ms less (95 %)",
  );
});

for (
  const [what, load, title] of [
    [
      "also have it",
      users(...five(trial(calls(90, 0.3)))),
      "The attack's p99 is 500 ms, and the users' 300 ms: 200 ms less (95 %)",
    ],
    [
      "never met it",
      users(...five(trial(calls(0)))),
      "The attack's p99 is 500 ms, and the users' 5.00 ms: 495 ms less (95 %)",
    ],
    [
      "met it just as much",
      users(...five(hit())),
      "No difference shown between the attack's p99 (500 ms) and the users' " +
      "(500 ms)",
    ],
    [
      "were measured once",
      users(trial(calls(2))),
      "Not enough data to compare the attack's p99 (500 ms) and the users' " +
      "(5.00 ms): 3 more trials of each",
    ],
    [
      "called another server",
      users(trial(calls(2), { url: "http://other.test/stall" })),
      "No comparison of the p99: the calls went to different servers or pages",
    ],
    [
      "had no answer",
      users(trial([undefined])),
      "The attack's p99 is 500 ms; there is nothing to compare it with",
    ],
  ] as const
) {
  test(`no freeze is said to be hidden from users who ${what}`, () => {
    assert.equal(finding([attack(...five(hit())), load]), title);
  });
}

test("no freeze is claimed of a server that nobody told to freeze", () => {
  const url = "http://127.0.0.1:8080/";
  const [one, other] = [trial(calls(90), { url }), trial(calls(2), { url })];
  assert.equal(
    finding([attack(...five(one)), users(...five(other))]),
    "The attack's p99 is 500 ms, and the users' 5.00 ms: 495 ms less (95 %)",
  );
});

test("the finding of a run that is in doubt is in doubt", () => {
  const run = someRun({ doubts: ["late"], options: { url: stall } });
  const doubtful = { ...hit(), run };
  const loads = [attack(doubtful, ...five(hit())), users(...five(spared()))];
  assert.match(finding(loads), /less \(95 %\), of runs that are in doubt$/);
});

test("how many calls took long differs by points, and only if it does", () => {
  const shares = [88, 90, 92, 89, 91].map((long) => trial(calls(long)));
  const one = attack(...shares);
  assert.match(
    longCalls([one, users(...five(spared()))]),
    /^9\.00 % of the attack's .*, and 0\.200 % of the users': 8\.80 ± 0\.\d\d points less \(95 %\)$/,
  );
  assert.match(
    longCalls([one, users(...shares)]),
    /^No difference shown between the attack's calls \(9\.00 %\) .* most \(95 %\)$/,
  );
  assert.match(
    longCalls([one, users(spared())]),
    /^Not enough data .*: 3 more/,
  );
});

test("calls that were due and not sent are asked for", () => {
  const options = { rate: [{ limit: 20, per: 1 }], duration: 10, ramp: 0 };
  const sent = trial(new Array(100).fill(0.005));
  const summary = summarize(sent.rows, { calls: 200 });
  const run = someRun({ options });
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
  const warm = { ...known, run: someRun({ options: { warmup: 1 } }) };
  const knows = (load: Load, ...others: Load[]) =>
    idealTimes(load.trials[0]!, [load, ...others]) !== undefined;
  assert.equal(knows(attack(known)), true);
  assert.equal(knows(attack(later), users(known)), false);
  assert.equal(knows(attack(warm)), false);
  assert.equal(knows(attack(hit())), false);
});

const refused = (times = calls(9)) =>
  trial(times, { status: undefined, error: "refused: nobody there" });

test("of calls that all failed no time is told", () => {
  const loads = [attack(refused()), users(refused())];
  for (const title of [finding(loads), longCalls(loads)]) {
    assert.equal(title, "No call was answered OK");
  }
});

test("times that are mostly those of failures are said to be", () => {
  const mostly = trial(calls(9));
  mostly.rows.forEach((row, index) => row.status = index < 501 ? 503 : 200);
  const half = { ...mostly, summary: summarize(mostly.rows) };
  for (const titled of [finding, longCalls]) {
    assert.match(
      titled([attack(half), users(refused())]),
      /; most of the attack's and all of the users' calls failed$/,
    );
    assert.doesNotMatch(titled([attack(hit()), users(spared())]), /failed/);
  }
});

test("no more calls are answered than were asked for", () => {
  const random = randomNumbers();
  for (let each = 0; each < 500; each++) {
    const count = Math.ceil(random() * 50);
    const late = random() < 0.5 ? 0 : 20 * random();
    const measured = trial(
      Array.from({ length: count }, () => late * random()),
    );
    const given = random() < 0.5 ? {} : {
      rate: [{ limit: count * random() + 1, per: 1 }],
      duration: 5,
      ramp: 1,
    };
    const run = someRun({ options: given });
    const rates = ratesOf({ ...measured, run }, true);
    if (count < 2) assert.equal(rates, undefined);
    else assert.ok(rates!.answered <= rates!.asked!, JSON.stringify(rates));
  }
});

test("an attack that is answered at once is answered at its rate", () => {
  const title = ratesAnswered([attack(trial(new Array(50).fill(0.001)))]);
  assert.equal(
    title,
    "Of the 10.0 calls a second that the attack asked for, 10.0 were answered OK",
  );
});

test("of one call no rate is told", () => {
  const loads = [attack(trial([0.001])), users(trial([0.001]))];
  assert.equal(ratesAnswered(loads), "Too few calls to speak of a rate");
});

test("what was to come after a run was cut off was not asked for", () => {
  const options = { rate: [{ limit: 20, per: 1 }], duration: 10, ramp: 0 };
  const sent = trial(new Array(100).fill(0.005));
  for (const cut of [{ interrupted: true }, { end: undefined }]) {
    const run = someRun({ options, ...cut });
    assert.equal(duesOf({ ...sent, run }).length, 100);
  }
  assert.equal(duesOf({ ...sent, run: someRun({ options }) }).length, 200);
});

test("a stall that the target can't read is not known", () => {
  const url = `${stall}?at=soon&for=500ms&every=20s&delay=5ms&key=a`;
  const unknown = attack(trial(calls(9), { url }));
  assert.equal(idealTimes(unknown.trials[0]!, [unknown]), undefined);
});

test("no calls to different servers are compared", () => {
  const elsewhere = users(trial(calls(2), { url: "http://other.test/stall" }));
  for (const titled of [finding, longCalls]) {
    assert.match(
      titled([attack(hit()), elsewhere]),
      /^No comparison of .* pages$/,
    );
  }
});
