import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { header } from "../../lib/row.ts";
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
import notebook from "../rate-limit.ts";

const kinds = ["fixed", "sliding-log", "sliding-counter", "bucket", "gcra"];

interface Run {
  /** Seconds that the whole run took. */
  seconds: number;
  accepted: number;
  refused?: number;
  /** What the server says instead. */
  counted?: object;
}

/** Writes the trials of one strategy, the same against every kind of limit. */
function measured(folder: string, strategy: string, ...trials: Run[]) {
  const file = path.join(folder, "limits.json");
  const counts = fs.existsSync(file)
    ? JSON.parse(fs.readFileSync(file, "utf8"))
    : [];
  for (const kind of kinds) {
    const name = `${strategy}/${kind}`;
    const url = `http://127.0.0.1:8080/limited?limit=100&window=${kind}`;
    const command = `scripts/${strategy}.ts --calls 9 --name ${name} ` +
      `--out /a/b --url '${url}&id={id}' --json --append`;
    const made = trials.map((trial, n) => {
      const { seconds, accepted, refused = 0, counted } = trial;
      const run = `${strategy}-${kind}-${n}`;
      const calls = accepted + refused;
      const rows = Array.from({ length: calls }, (_, id) =>
        someRow({
          ...{ url, name, run, id: String(id) },
          status: id < accepted ? 200 : 429,
          timestamp: new Date(start + id / calls * seconds * 1e3),
        }));
      const count = { strategy, kind, run, calls, seconds, limit: 100 };
      counts.push({ ...count, accepted, rejected: refused, ...counted });
      const environment = { runtime: "deno 2.0.0" };
      const own = { run, name, command, calls, seconds, environment };
      return { rows, run: someRun({ ...own, unique: undefined }) };
    });
    writeTrials(folder, name, made);
  }
  fs.writeFileSync(file, JSON.stringify(counts));
}

/** The page of each strategy's trials; `change` may break their files. */
function report(strategies: Record<string, Run[]>, change = (_: string) => {}) {
  const folder = temporaryFolder();
  for (const [strategy, trials] of Object.entries(strategies)) {
    measured(folder, strategy, ...trials);
  }
  change(folder);
  return render(notebook, folder);
}

const slow = { seconds: 3, accepted: 9 };
const paced = { seconds: 3.0301, accepted: 300 };
const naive = { seconds: 0.2, accepted: 100, refused: 200 };

const throttled = report({
  throttle: [{ ...paced, counted: { rejected: 2 } }, paced],
});

test("the titles say what was used, and what it cost", () => {
  const { texts, stderr, body } = report({
    "naive": [naive, naive],
    "semaphore-pause": [slow, slow],
    "throttle": [paced, { ...paced, seconds: 3.02 }],
  });
  const titles = texts("figure h3");
  assert.match(stderr, /^$/);
  assert.deepEqual(titles, [
    "In one trial of each, without a 429, throttle got at most 100 of 100 calls in a second through, " +
    "semaphore + pause got at most 3",
    "Without a 429, throttle used at least 99.0 % of what each limit allows, " +
    "and semaphore + pause used at least 3.0 %; 2 trials of each",
    "Semaphore + pause and throttle were never refused, naive at most 200 " +
    "times in a trial; 2 trials of each",
    "No trial is more than 0.167 % off its pair's mean",
  ]);
  assert.match(body, /agree in all 30 runs that have both\. W/);
});

test("a strategy that was refused is not called one that wasn't", () => {
  const { texts, body } = report({
    "semaphore-pause": [slow],
    "throttle": [{ seconds: 3, accepted: 299, refused: 1 }],
  });
  assert.deepEqual(texts("figure h3").slice(1), [
    "Throttle used at least 99.6 % of what each limit allows, refused at most " +
    "once in a trial; without a 429, semaphore + pause used at least 3.0 %; " +
    "one trial of each",
    "Semaphore + pause was never refused, throttle at most once in a trial; " +
    "one trial of each",
  ]);
  assert.match(body, /One trial of a pair can't tell chance from cause/);
});

test("five trials of a pair have means with intervals, and an order", () => {
  const trials = [3.03, 3.05, 3.04, 3.06, 3.02].map((seconds, n) => (
    { seconds, accepted: 300 - n, refused: n }
  ));
  const { texts } = report({ throttle: trials });
  const [, , used, refused] = texts("main > .scroll tbody tr:first-child > *");
  assert.match(used!, /^98\.0 % ± \d\.\d %$/);
  assert.match(refused!, /^2 ± \d$/);
  assert.match(texts("#used figcaption").join(), /on 95 % intervals/);
  assert.match(
    texts("#trial-order h3").join(),
    /^No trial is more than 1\.\d+ % off its pair's mean; no drift shown$/,
  );
});

test("where all are refused the titles say so", () => {
  const { texts } = report({ naive: [naive, naive] });
  assert.deepEqual(texts("figure h3"), [
    "Every strategy was refused",
    "Naive used at least 33.3 % of what each limit allows, refused at most 200 " +
    "times in a trial; none went without a 429; 2 trials of each",
    "Every strategy was refused, naive at most 200 times in a trial; 2 trials " +
    "of each",
    "No trial is more than 0.00 % off its pair's mean",
  ]);
});

test("runs in which the rows and the server differ are named", () => {
  const { body } = throttled;
  assert.match(body, /differ in 5 of the 10 runs/);
  const difference = "throttle/gcra, run throttle-gcra-0: 300 accepted and 0 " +
    "refused in the rows, 300 and 2 by the server";
  assert.ok(body.includes(difference));
});

test("the snippets are the code of the scripts, and the commands are few", () => {
  const { document } = throttled;
  const blocks = [...document.querySelectorAll("pre code")]
    .map(({ textContent }) => textContent);
  for (const script of ["async", "semaphore", "throttle", "p-throttle"]) {
    assert.ok(blocks.includes(snippet(`scripts/${script}.ts`)), script);
  }
  assert.ok(blocks.includes(snippet("scripts/throttle/pace.ts", "pace")));
  assert.equal(
    blocks.at(-1),
    "deno run -A scripts/throttle.ts --calls 9  # 10 times",
  );
});

const throttle = { throttle: [paced] };

test("without limits.json the rows are drawn, and without rows its counts", () => {
  const rows = report(
    throttle,
    (folder) => fs.rmSync(path.join(folder, "limits.json")),
  );
  assert.match(rows.stderr, /limits\.json: there is no such file; deno run -A/);
  assert.deepEqual(rows.texts(".notice + pre"), [
    "deno run -A scripts/limits.ts",
  ]);
  assert.equal(rows.texts("figure").length, 1);

  const counts = report(throttle, (folder) => {
    for (const kind of kinds) {
      fs.rmSync(path.join(folder, `metrics_throttle-${kind}.csv`));
    }
    // A folder without any CSV is not one of results.
    fs.writeFileSync(path.join(folder, "metrics_sync.csv"), header + "\n");
  });
  assert.match(counts.stderr, /throttle-gcra\.csv: there is no such file/);
  assert.equal(counts.texts("figure").length, 2);
  assert.match(counts.body, /can't be compared: no run has both/);
});

for (
  const [what, text, problem] of [
    ["torn", "[{", /limits\.json:1: .*; deno run -A scripts\/limits\.ts/],
    ["something else", '{"a":1}', /limits\.json:1: it lists no runs/],
    ["of wrong entries", "[null, 7, {}]", /limits\.json: entry 3 is skipped/],
  ] as const
) {
  test(`a limits.json that is ${what} is named, and the rest drawn`, () => {
    const { texts, stderr, body } = report(
      throttle,
      (folder) => fs.writeFileSync(path.join(folder, "limits.json"), text),
    );
    assert.match(stderr, problem);
    assert.match(body, problem);
    assert.equal(texts("figure").length, 1);
  });
}

test("pairs that were not measured are named", () => {
  const { texts } = report(throttle, (folder) => {
    const file = path.join(folder, "limits.json");
    const counts = JSON.parse(fs.readFileSync(file, "utf8"));
    fs.writeFileSync(file, JSON.stringify(counts.slice(0, 3)));
  });
  assert.match(
    texts(".notice").join(),
    /naive \(any kind\), .*throttle \(bucket, gcra\).* was not measured/,
  );
});

test("the page of many rows is small", () => {
  const { html } = report({
    naive: [{ seconds: 100, accepted: 600, refused: 600 }],
  });
  assert.ok(html.length < 5e5, `${html.length} characters`);
});
