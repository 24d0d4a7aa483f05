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
  binned,
  callsInTime,
  percentileCurve,
  ratesInTime,
} from "./load_charts.ts";
import { figure } from "../kit/chart.ts";
import {
  randomNumbers,
  summarize,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  stall,
  start,
  trial,
} from "../../scripts/dev/testing/example_runs.ts";
import type { Trial } from "../kit/trials/trials.ts";

function attack(...trials: Trial[]): Load {
  const whose = "the attack's";
  return { label: "attack", whose, color: "red", isOpen: true, trials };
}

function users(...trials: Trial[]): Load {
  const whose = "the users'";
  return { label: "users", whose, color: "blue", isOpen: false, trials };
}

/** The times of a thousand calls, of which `long` take `time`. */
function calls(long: number, time = 0.5): number[] {
  return Array.from({ length: 1000 }, (_, id) => id < long ? time : 0.005);
}

const hit = () => trial(calls(90));
const spared = () => trial(calls(2));
const refused = () =>
  trial(calls(9), { status: undefined, error: "refused: nobody there" });

/** Fewer trials claim nothing. */
const five = (made: Trial) => new Array<Trial>(5).fill(made);

const plain = { url: "http://127.0.0.1:8080/" };
const elsewhere = users(trial(calls(2), { url: "http://other.test/stall" }));
const doubtful = {
  ...hit(),
  run: someRun({ doubts: ["late"], options: { url: stall } }),
};

const findings: [what: string, title: string, ...loads: Load[]][] = [
  [
    "only the attack's p99 has the freeze",
    "The freeze of the server is in the attack's p99 (500 ms), and not in the " +
    "users' (5.00 ms): 495 ms less (95 %)",
    ...[attack(...five(hit())), users(...five(spared()))],
  ],
  [
    "users also have it",
    "The attack's p99 is 500 ms, and the users' 300 ms: 200 ms less (95 %)",
    ...[attack(...five(hit())), users(...five(trial(calls(90, 0.3))))],
  ],
  [
    "users never met it",
    "The attack's p99 is 500 ms, and the users' 5.00 ms: 495 ms less (95 %)",
    ...[attack(...five(hit())), users(...five(trial(calls(0))))],
  ],
  [
    "users met it just as much",
    "No difference shown between the attack's p99 (500 ms) and the users' " +
    "(500 ms)",
    ...[attack(...five(hit())), users(...five(hit()))],
  ],
  [
    "each was measured once",
    "Not enough data to compare the attack's p99 (500 ms) and the users' " +
    "(5.00 ms): 3 more trials of each",
    ...[attack(hit()), users(spared())],
  ],
  [
    "users called another server",
    "No comparison of the p99: the calls went to different servers or pages",
    ...[attack(hit()), elsewhere],
  ],
  [
    "users had no answer",
    "The attack's p99 is 500 ms; there is nothing to compare it with",
    ...[attack(hit()), users(trial([undefined]))],
  ],
  [
    "the server was not told to freeze",
    "The attack's p99 is 500 ms, and the users' 5.00 ms: 495 ms less (95 %)",
    attack(...five(trial(calls(90), plain))),
    users(...five(trial(calls(2), plain))),
  ],
  [
    "a run is in doubt",
    "The freeze of the server is in the attack's p99 (500 ms), and not in the " +
    "users' (5.00 ms): 495 ms less (95 %), of runs that are in doubt",
    ...[attack(doubtful, ...five(hit())), users(...five(spared()))],
  ],
  [
    "all calls failed",
    "No call was answered OK",
    ...[attack(refused()), users(refused())],
  ],
];

for (const [what, title, ...loads] of findings) {
  test(`the finding where ${what}`, () => assert.equal(finding(loads), title));
}

test("the share of long calls differs in points, and only if it does", () => {
  const shares = [88, 90, 92, 89, 91].map((long) => trial(calls(long)));
  const one = attack(...shares);
  const titles: [RegExp, ...Load[]][] = [
    [
      /^9\.00 % of the attack's .*, and 0\.200 % of the users': 8\.80 ± 0\.\d\d points less \(95 %\)$/,
      ...[one, users(...five(spared()))],
    ],
    [
      /^No difference shown between the attack's calls \(9\.00 %\) .* most \(95 %\)$/,
      ...[one, users(...shares)],
    ],
    [/^Not enough data .*: 3 more/, one, users(spared())],
    [/^No call was answered OK$/, attack(refused()), users(refused())],
    [/^No comparison of .* pages$/, attack(hit()), elsewhere],
  ];
  for (const [title, ...loads] of titles) {
    assert.match(longCalls(loads), title);
  }
});

test("a title says when most or all of the calls failed", () => {
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

test("the ideal times are known only where the target's clock is", () => {
  const url = `${stall}?at=2s&for=500ms&every=20s&delay=5ms&key=a`;
  const known = trial(calls(9), { url });
  const later = trial(calls(9), { url, timestamp: new Date(start + 1e6) });
  const warm = { ...known, run: someRun({ options: { warmup: 1 } }) };
  const unread = trial(calls(9), { url: url.replace("2s", "soon") });
  const knows = (load: Load, ...others: Load[]) =>
    idealTimes(load.trials[0]!, [load, ...others]) !== undefined;
  assert.equal(knows(attack(known)), true);
  assert.equal(knows(attack(later), users(known)), false);
  for (const trial of [warm, hit(), unread]) {
    assert.equal(knows(attack(trial)), false);
  }
});

const options = { rate: [{ limit: 20, per: 1 }], duration: 10, ramp: 0 };
const sent = trial(new Array(100).fill(0.005));

test("the asked rate counts calls that were due and not sent", () => {
  const summary = summarize(sent.rows, { calls: 200 });
  const run = someRun({ options });
  const title = (...trials: Trial[]) => ratesAnswered([attack(...trials)]);
  assert.match(
    title({ ...sent, summary, run }),
    /^Of the 20\.0 calls a second /,
  );
  assert.equal(
    title(sent),
    "Of the 10.0 calls a second that the attack asked for, 10.0 were answered OK",
  );
  assert.equal(title(trial([0.001])), "Too few calls to speak of a rate");
});

test("no call is due after its run was cut off", () => {
  const dues = (given: object) =>
    duesOf({ ...sent, run: someRun({ options, ...given }) }).length;
  assert.equal(dues({ interrupted: true }), 100);
  assert.equal(dues({ end: undefined }), 100);
  assert.equal(dues({}), 200);
});

test("no more calls are answered than were asked for", () => {
  const random = randomNumbers();
  for (let each = 0; each < 200; each++) {
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

test("the rates of all steps add up to the calls", () => {
  const random = randomNumbers();
  const times = Array.from({ length: 1000 }, () => random() * 7);
  const rates = binned([...times, 7], 7 / 50);
  const sum = rates.reduce((sum, { rate }) => sum + rate * 7 / 50, 0);
  assert.equal(Math.round(sum), 1001);
  assert.equal(rates.at(-1)!.rate, 0);
});

test("odd times can be drawn, and many calls as bins that miss none", () => {
  const oddTimes = [
    ...[[0.005], [0.005, 0.005], [0, 0, 0], [undefined, undefined]],
    [1e-6, 3600],
  ];
  for (const times of oddTimes) {
    const loads = [attack(trial(times)), users(trial(times))];
    for (const chart of [callsInTime, percentileCurve, ratesInTime]) {
      const { html } = figure(chart(loads));
      assert.doesNotMatch(html, /NaN|Infinity|undefined/, String(times));
    }
  }
  const many = Array.from({ length: 2100 }, (_, id) => id < 2099 ? 0.005 : 0.5);
  const { html } = figure(callsInTime([users(trial(many))]));
  const widths = 2;
  assert.equal(html.match(/<rect /g)?.length, widths * (60 + 1));
});
