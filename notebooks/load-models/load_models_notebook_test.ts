import assert from "node:assert/strict";
import test from "node:test";
import { type Stall, stallDelay } from "../../scripts/servers/target/delay.ts";
import type { Run } from "../kit/trials/details.ts";
import { snippet } from "../kit/snippets/snippet.ts";
import { render } from "../../scripts/dev/testing/pages.ts";
import {
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";
import notebook from "../load-models.ts";

const stall = { at: 2, length: 0.5, every: 20, delay: 0.005 };
const query = "at=2s&for=500ms&every=20s&delay=5ms";

/** When a call was due and was sent, in seconds, and how long it took then. */
interface Call {
  due: number;
  wait?: number;
  elapsed: number;
  status?: number;
}

interface Trial {
  calls: Call[];
  details?: Partial<Run>;
}

/** The calls of an ideal attack: each is sent when it is due. */
function attack(
  { at = 0, rate = 200, seconds = 5, server = stall as Stall } = {},
) {
  return Array.from({ length: rate * seconds }, (_, index) => {
    const due = index / rate;
    return { due: at + due, elapsed: stallDelay(due, server) };
  });
}

/** The calls of users, each of whom waits for the answer and thinks. */
function users({ users = 2, think = 0.005, seconds = 5 } = {}) {
  return Array.from({ length: users }, (_, user) => {
    const calls = [];
    for (let due = user / 1000; due < seconds;) {
      const elapsed = stallDelay(due, stall);
      calls.push({ due, elapsed });
      due += elapsed + think;
    }
    return calls;
  }).flat();
}

/** Writes the trials of one name. */
function measured(folder: string, name: string, ...trials: Trial[]) {
  const made = trials.map(({ calls, details }, trial) => {
    const run = `${name}-${trial}`;
    const url = `http://127.0.0.1:8080/stall?${query}&key=${run}`;
    const rows = calls.map(({ due, wait = 0, elapsed, status = 200 }, index) =>
      someRow({
        ...{ name, run, url, wait, elapsed, status, id: String(index + 1) },
        timestamp: new Date(start + (due + wait) * 1000),
        error: status < 400 ? "" : `protocol: ${status}`,
      })
    );
    const own = { run, name, calls: calls.length, options: { warmup: 0 } };
    return { rows, run: someRun({ ...own, ...details }) };
  });
  writeTrials(folder, name, made);
}

/** The page of trials of an attack and of users. */
function report(attacks: Trial[], users: Trial[] = []) {
  const folder = temporaryFolder();
  if (attacks.length > 0) measured(folder, "attack", ...attacks);
  if (users.length > 0) measured(folder, "users", ...users);
  return render(notebook, folder);
}

/** Fewer trials claim nothing. */
const five = (calls: Call[]) => new Array<Trial>(5).fill({ calls });

test("the titles say that users hide a freeze, above the scripts' code", () => {
  const { texts, stderr, document } = report(five(attack()), five(users()));
  assert.equal(stderr, "");
  const [p99, long, rates, order] = texts("figure h3");
  assert.equal(
    p99,
    "The freeze of the server is in the attack's p99 (455 ms), and not in the " +
      "users' (5.00 ms): 450 ms less (95 %)",
  );
  assert.match(
    long!,
    /^9\.10 % of the attack's .* and 0\.\d+ % of the users': .* points less /,
  );
  assert.match(
    rates!,
    /^Of the 200 calls a second that the attack asked for, 200 were answered/,
  );
  assert.match(
    order!,
    /^No trial is more than 0\.\d+ % off its model's mean; no/,
  );
  const blocks = [...document.querySelectorAll("pre code")]
    .map(({ textContent }) => textContent);
  for (const script of ["attack", "users"]) {
    assert.ok(blocks.includes(snippet(`scripts/${script}.ts`)), script);
  }
  assert.ok(blocks.includes(snippet("scripts/load/arrivals.ts", "pacing")));
});

test("no freeze is claimed where the data show none", () => {
  const early = { seconds: 1 };
  const { texts } = report(five(attack(early)), five(users(early)));
  assert.deepEqual(texts("figure h3").slice(0, 2), [
    "No difference shown between the attack's p99 (5.00 ms) and the users' " +
    "(5.00 ms)",
    "No call took more than 10 times the median",
  ]);
  const said = texts("li").join();
  assert.match(said, /Intervals are over the trials, 5 of each m/);
  assert.match(said, /Attack and users were not interleaved/);
});

test("what was not measured is named with its command, and the rest drawn", () => {
  const { texts, stderr } = report([{ calls: attack() }]);
  assert.match(stderr, /metrics_users\.csv: there is no such file/);
  const [command, ...others] = texts(".notice + pre");
  assert.match(
    command!,
    /^deno run -A scripts\/target\.ts .* scripts\/users\.ts/,
  );
  assert.deepEqual(others, []);
  const [title] = texts("figure h3");
  assert.match(title!, /^The attack's p99 is 455 ms; there is nothing to/);
});

test("a doubtful run is named at the top, and one trial claims nothing", () => {
  const doubts = ["the generator was late", "the generator was <busy>"];
  const { texts, document } = report(
    [{ calls: attack(), details: { doubts } }],
    [{ calls: users() }],
  );
  assert.deepEqual(texts(".notice"), [
    "Run attack-0 of attack is not to be trusted: the generator was late the " +
    "generator was <busy>",
  ]);
  const first = document.querySelector(".notice, h2");
  assert.equal(first?.className, "notice");
  assert.match(
    texts("figure h3")[0]!,
    /^Not enough data .*: 3 more trials of each, of runs that are in doubt$/,
  );
  assert.equal(texts("figure").length, 3);
  assert.match(texts("li").join(), /One trial shows no spread.*takes 4 trials/);
});

test("the table has what load testers look for", () => {
  const calls = attack().map((call, id) =>
    id % 10 === 0 ? { ...call, status: 503 } : { ...call, wait: 0.001 }
  );
  const details = { calls: 1200, hasOptimum: false };
  const { texts, document } = report([{ calls, details }], [
    { calls: users() },
  ]);
  const rows = Object.fromEntries(
    [...document.querySelectorAll("tbody tr")]
      .map(({ children: [name, attack] }) => [
        name!.textContent,
        attack!.textContent!.trim(),
      ]),
  );
  const expected = {
    "Requests": "1,200",
    "Not sent": "200",
    "Success": "90.00 %",
    "Response time, p50": "6.00 ms",
    "Service time, p50": "5.00 ms",
    "Status codes": "200: 900, 503: 100",
    "Errors": "protocol: 100",
  };
  assert.deepEqual({ ...rows, ...expected }, rows);
  assert.match(texts("li").join(), /200 calls were due and never sent/);
});

const optionsOf = (limit: number, duration = 5) => (
  { options: { rate: [{ limit, per: 1 }], duration, ramp: 0 } }
);

test("runs with other options are left out, and the page says so", () => {
  const { texts, stderr } = report([
    { calls: attack({ rate: 20 }), details: optionsOf(20) },
    { calls: attack({ at: 60 }), details: optionsOf(200) },
  ]);
  assert.match(
    texts("figure h3")[2]!,
    /^Of the 200 calls a second .* 200 were/,
  );
  const note = "1 run of attack with other options is left out.";
  assert.ok(texts(".notice").includes(note));
  assert.doesNotMatch(stderr, /other options/);
});

test("calls after an interruption count as neither asked for nor unsent", () => {
  const details = { ...optionsOf(200, 60), calls: 12_000, interrupted: true };
  const { texts } = report([{ calls: attack(), details }]);
  assert.match(
    texts("figure h3")[2]!,
    /^Of the 200 calls a second .* 200 were/,
  );
  assert.doesNotMatch(texts("li").join(), /never sent/);
  assert.match(texts(".notice").join(), /attack-0 of attack was interrupted/);
});

test("odd values in the JSON never break the page", () => {
  const calls = attack({ rate: 10 });
  const odd = [
    { options: { rate: [] } },
    { options: { rate: [{ limit: 1e300, per: 1 }], duration: 1e300 } },
    { doubts: "late" },
    { command: null },
  ] as unknown as Partial<Run>[];
  for (const details of odd) {
    const { stderr } = report([{ calls, details }], [{ calls, details }]);
    assert.doesNotMatch(stderr, /^ +at |TypeError|RangeError/m);
  }
});

test("the page of many rows is small", () => {
  const calls = attack({ rate: 1000 }).map((call, id) => (
    { ...call, elapsed: 0.001 * 1000 ** (id * 0.618 % 1) }
  ));
  const { html } = report([{ calls }], [{ calls }]);
  assert.ok(html.length < 1e6, `${html.length} characters`);
});
