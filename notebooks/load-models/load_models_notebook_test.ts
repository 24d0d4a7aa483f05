import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { type Stall, stallDelay } from "../../scripts/servers/target/delay.ts";
import { resultFiles } from "../../lib/results.ts";
import type { Run } from "../kit/trials/details.ts";
import { formatRow, header, type Row } from "../../lib/row.ts";
import { snippet } from "../kit/snippets/snippet.ts";
import { render } from "../../scripts/dev/testing/pages.ts";
import {
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import notebook from "../load-models.ts";

const start = Date.parse("2024-05-06T07:08:09.000Z");
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
  url?: string;
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
  const { csv, json } = resultFiles(folder, name);
  const lines = [header];
  const runs = trials.map(({ calls, details, url }, trial): Run => {
    const run = `${name}-${trial}`;
    url ??= `http://127.0.0.1:8080/stall?${query}&key=${run}`;
    calls.forEach(({ due, wait = 0, elapsed, status = 200 }, index) => {
      const timestamp = new Date(start + (due + wait) * 1000);
      const id = String(index + 1);
      const error = status < 400 ? "" : `protocol: ${status}`;
      const own: Partial<Row> = {
        name,
        run,
        id,
        url,
        timestamp,
        wait,
        elapsed,
      };
      lines.push(formatRow(someRow({ ...own, status, error })));
    });
    return {
      run,
      name,
      command: `scripts/${name}.ts --name ${name}`,
      options: { warmup: 0 },
      start: new Date(start).toISOString(),
      end: new Date(start + 5000).toISOString(),
      concurrency: null,
      calls: calls.length,
      environment: { runtime: "deno 2.0.0" },
      ...details,
    };
  });
  fs.writeFileSync(csv, lines.join("\n") + "\n");
  fs.writeFileSync(json, JSON.stringify({ runs }));
}

const report = (folder: string) => render(notebook, folder);

/** Fewer trials claim nothing. */
const five = (trial: Trial) => new Array<Trial>(5).fill(trial);

test("a freeze that users hide is said to be hidden", () => {
  const folder = temporaryFolder();
  measured(folder, "attack", ...five({ calls: attack() }));
  measured(folder, "users", ...five({ calls: users() }));
  const { texts, stderr } = report(folder);
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
});

test("a freeze is not claimed where the data don't show one", () => {
  const folder = temporaryFolder();
  const early = { seconds: 1 };
  measured(folder, "attack", ...five({ calls: attack(early) }));
  measured(folder, "users", ...five({ calls: users(early) }));
  const { texts } = report(folder);
  assert.deepEqual(texts("figure h3").slice(0, 2), [
    "No difference shown between the attack's p99 (5.00 ms) and the users' " +
    "(5.00 ms)",
    "No call took more than 10 times the median",
  ]);
  assert.match(
    texts("li").join(),
    /Intervals are over the trials, 5 of each m/,
  );
  assert.match(texts("li").join(), /Attack and users were not interleaved/);
});

test("one trial of each model claims nothing, and has no order", () => {
  const folder = temporaryFolder();
  measured(folder, "attack", { calls: attack() });
  measured(folder, "users", { calls: users() });
  const { texts } = report(folder);
  assert.equal(
    texts("figure h3")[0],
    "Not enough data to compare the attack's p99 (455 ms) and the users' " +
      "(5.00 ms): 3 more trials of each",
  );
  assert.equal(texts("figure").length, 3);
  assert.match(texts("li").join(), /One trial shows no spread.*takes 4 trials/);
});

test("what was not measured is said with its command, and the rest is there", () => {
  const folder = temporaryFolder();
  measured(folder, "attack", { calls: attack() });
  const { texts, stderr } = report(folder);
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

test("without any of the two no chart is drawn", () => {
  const folder = temporaryFolder();
  // A folder without any CSV is not one of results.
  measured(folder, "sync", { calls: attack({ seconds: 1 }) });
  const { texts } = report(folder);
  assert.equal(texts(".notice + pre").length, 2);
  assert.equal(texts("figure").length, 0);
});

test("a run that is not to be trusted is named near the top, with why", () => {
  const folder = temporaryFolder();
  const doubts = ["the generator was late", "the generator was <busy>"];
  measured(folder, "attack", { calls: attack(), details: { doubts } });
  measured(folder, "users", { calls: users() });
  const { texts, document } = report(folder);
  assert.deepEqual(texts(".notice"), [
    "Run attack-0 of attack is not to be trusted: the generator was late the " +
    "generator was <busy>",
  ]);
  const first = document.querySelector(".notice, h2");
  assert.equal(first?.className, "notice");
  assert.match(texts("figure h3")[0]!, /of runs that are in doubt$/);
});

test("the table has what load testers look for", () => {
  const folder = temporaryFolder();
  const calls = attack().map((call, id) =>
    id % 10 === 0 ? { ...call, status: 503 } : { ...call, wait: 0.001 }
  );
  const details = { calls: 1200, unique: true, hasOptimum: false };
  measured(folder, "attack", { calls, details });
  measured(folder, "users", { calls: users() });
  const { texts, document } = report(folder);
  const rows = Object.fromEntries(
    [...document.querySelectorAll("tbody tr")]
      .map(({ children: [name, attack] }) => [
        name!.textContent,
        attack!.textContent!.trim(),
      ]),
  );
  assert.equal(rows["Requests"], "1,200");
  assert.equal(rows["Not sent"], "200");
  assert.equal(rows["Success"], "90.00 %");
  assert.equal(rows["Response time, p50"], "6.00 ms");
  assert.equal(rows["Service time, p50"], "5.00 ms");
  assert.equal(rows["Status codes"], "200: 900, 503: 100");
  assert.equal(rows["Errors"], "protocol: 100");
  assert.match(texts("li").join(), /200 calls were due and never sent/);
});

test("runs with other options are no trials, and the page says so", () => {
  const folder = temporaryFolder();
  const optionsOf = (limit: number) => ({
    options: { rate: [{ limit, per: 1 }], duration: 5, ramp: 0 },
    unique: true,
  });
  measured(
    folder,
    "attack",
    { calls: attack({ rate: 20 }), details: optionsOf(20) },
    { calls: attack({ at: 60 }), details: optionsOf(200) },
  );
  const { texts, stderr } = report(folder);
  assert.match(
    texts("figure h3")[2]!,
    /^Of the 200 calls a second .* 200 were/,
  );
  const note = "1 run of attack with other options is left out.";
  assert.ok(texts(".notice").includes(note));
  assert.doesNotMatch(stderr, /other options/);
});

test("an interrupted run claims nothing of what it didn't come to", () => {
  const folder = temporaryFolder();
  const details = {
    options: { rate: [{ limit: 200, per: 1 }], duration: 60, ramp: 0 },
    calls: 12_000,
    unique: true,
    interrupted: true,
  };
  measured(folder, "attack", { calls: attack(), details });
  const { texts } = report(folder);
  assert.match(
    texts("figure h3")[2]!,
    /^Of the 200 calls a second .* 200 were/,
  );
  assert.doesNotMatch(texts("li").join(), /never sent/);
  assert.match(texts(".notice").join(), /attack-0 of attack was interrupted/);
});

test("whatever the JSON says, there is a page", () => {
  const folder = temporaryFolder();
  const odd = [
    { options: { rate: "500" } },
    { options: { rate: [] } },
    { options: { rate: [{ limit: 1e300, per: 1 }], duration: 1e300 } },
    { doubts: "late" },
    { environment: [] },
    { command: null },
  ] as unknown as Partial<Run>[];
  for (const details of odd) {
    measured(folder, "attack", { calls: attack(), details });
    measured(folder, "users", { calls: users(), details });
    const { stderr } = report(folder);
    assert.doesNotMatch(stderr, /^ +at |TypeError|RangeError/m);
  }
});

test("the snippets are the code of the scripts", () => {
  const folder = temporaryFolder();
  measured(folder, "attack", { calls: attack() });
  measured(folder, "users", { calls: users() });
  const { document } = report(folder);
  const blocks = [...document.querySelectorAll("pre code")]
    .map(({ textContent }) => textContent);
  for (const script of ["attack", "users"]) {
    assert.ok(blocks.includes(snippet(`scripts/${script}.ts`)), script);
  }
  assert.ok(blocks.includes(snippet("scripts/load/arrivals.ts", "pacing")));
});

test("many rows make no large page", () => {
  const folder = temporaryFolder();
  const scattered = attack({ rate: 2000 }).map((call, id) => (
    { ...call, elapsed: 0.001 * 1000 ** (id * 0.618 % 1) }
  ));
  measured(folder, "attack", { calls: scattered });
  measured(folder, "users", { calls: scattered });
  const { html } = report(folder);
  assert.ok(html.length < 2e6, `${html.length} characters`);
});
