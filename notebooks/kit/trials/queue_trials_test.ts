import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { resultFiles } from "../../../lib/results.ts";
import type { Run } from "./details.ts";
import type { Row } from "../../../lib/row.ts";
import {
  someRow,
  temporaryFolder,
} from "../../../scripts/dev/testing/processes.ts";
import { readQueue, runsOf } from "./queue_trials.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../../scripts/dev/testing/example_runs.ts";

const first = "mabcdef0-aaaa";
const second = "mabcdef1-bbbb";

/** The files of a consumer, with a row for each [id, status, second]. */
function consumed(
  folder: string,
  name: string,
  runs: {
    run: string;
    rows: [string, number, number][];
    given?: Partial<Run>;
  }[],
) {
  writeTrials(
    folder,
    name,
    runs.map(({ run, rows, given }) => ({
      run: someRun({
        ...{ run, name, byMessage: true, unique: undefined, concurrency: 5 },
        ...given,
      }),
      rows: rows.map(([id, status, sent]): Row =>
        someRow({
          ...{ name, run, id, status, wait: 0, elapsed: 0.5 },
          timestamp: new Date(start + sent * 1000),
        })
      ),
    })),
  );
}

function published(
  folder: string,
  run: string,
  count: number,
  name = "producer",
) {
  const messages = { published: count, again: 0, confirmed: count };
  const made = someRun({
    run,
    name,
    unique: undefined,
    calls: count,
    messages,
  });
  writeTrials(folder, name, [{ run: made, rows: [] }]);
}

test("consumers of one producer make one trial together", () => {
  const out = temporaryFolder();
  published(out, first, 4);
  consumed(out, "q/1", [{
    run: "one",
    rows: [[`${first}-1`, 200, 0], [`${first}-4`, 200, 2]],
  }]);
  consumed(out, "q/2", [{
    run: "two",
    rows: [[`${first}-2`, 200, 1], [`${first}-3`, 500, 1]],
  }]);
  const { trials, problems } = readQueue(out, "q");
  assert.deepEqual(problems, []);
  const [trial, another] = trials;
  assert.equal(another, undefined);
  const { calls, ok, failed, unsent, seconds, duplicates } = trial!.summary;
  assert.deepEqual([calls, ok, failed, unsent, duplicates], [4, 3, 1, 0, 0]);
  assert.equal(seconds, 2.5);
  assert.deepEqual(runsOf(trial!).map(({ run }) => run).sort(), ["one", "two"]);
  assert.equal(trial!.producer!.run, first);
  // Nobody knows how many consumers there were at a time.
  assert.equal(trial!.summary.optimum, undefined);
});

test("a message that another consumer has called already is a duplicate", () => {
  const out = temporaryFolder();
  published(out, first, 2);
  consumed(out, "q", [
    // The first one was killed before it could acknowledge its second message.
    {
      run: "killed",
      rows: [[`${first}-1`, 200, 0], [`${first}-2`, 200, 1]],
      given: { end: undefined },
    },
    { run: "next", rows: [[`${first}-2`, 500, 2]] },
  ]);
  const { trials: [trial], problems } = readQueue(out, "q");
  assert.deepEqual(problems, []);
  const { calls, attempts, ok, failed, duplicates, status } = trial!.summary;
  assert.deepEqual([calls, attempts, ok, failed], [2, 2, 2, 0]);
  assert.equal(duplicates, 1);
  assert.deepEqual(status, { 200: 2 });
  assert.deepEqual(trial!.rows.map(({ run }) => run), ["killed", "killed"]);
});

test("what was refused and called again is no duplicate", () => {
  const out = temporaryFolder();
  published(out, first, 1);
  const id = `${first}-1`;
  consumed(out, "q", [
    { run: "killed", rows: [[id, 429, 0]], given: { end: undefined } },
    { run: "next", rows: [[id, 429, 1], [id, 200, 2]] },
    { run: "late", rows: [[id, 429, 3], [id, 200, 4]] },
  ]);
  const { trials: [trial] } = readQueue(out, "q");
  const { calls, attempts, ok, duplicates } = trial!.summary;
  assert.deepEqual([calls, attempts, ok, duplicates], [1, 3, 1, 2]);
});

test("messages without a row are missing, and leave their trial out", () => {
  const out = temporaryFolder();
  assert.match(
    String(readQueue(out, "q").problems),
    /metrics_q\.csv: there is no such file/,
  );
  published(out, first, 3);
  consumed(out, "q", [{
    run: "one",
    rows: [[`${first}-1`, 200, 0], [`${first}-3`, 200, 1]],
  }]);
  const { trials, batches, problems } = readQueue(out, "q");
  assert.deepEqual(trials, []);
  assert.equal(batches[0]!.summary.unsent, 1);
  assert.match(String(problems), /has 2 of its 3 calls and is left out/);
});

test("each run of a producer is a trial of its own", () => {
  const out = temporaryFolder();
  published(out, first, 2, "producer");
  published(out, second, 1, "producer-2");
  consumed(out, "q", [{
    run: "one",
    rows: [
      [`${first}-1`, 200, 0],
      [`${second}-1`, 200, 1],
      [`${first}-2`, 200, 2],
    ],
  }]);
  const { trials } = readQueue(out, "q");
  assert.deepEqual(trials.map(({ summary }) => summary.calls), [2, 1]);
});

test("messages of another sender are those of the consumer's run", () => {
  const out = temporaryFolder();
  const uuid = () => crypto.randomUUID();
  consumed(out, "q", [
    { run: "one", rows: [[uuid(), 200, 0], ["7", 200, 1], ["8", 200, 2]] },
    { run: "two", rows: [["7", 200, 3]] },
  ]);
  const given = { byMessage: undefined };
  consumed(out, "q-else", [{ run: "no", rows: [["1", 200, 0]], given }]);
  const { trials } = readQueue(out, "q");
  assert.deepEqual(trials.map(({ summary }) => summary.calls), [3, 1]);
});

/** The rows of messages with the ids that a sender counts from 1. */
function numbered(
  run: string,
  rows: [string, number, number][],
  given: Partial<Run> = {},
  redelivered: number[] = [],
) {
  const messages = { written: rows.length, acknowledged: rows.length, dead: 0 };
  const list = redelivered.map((place) => {
    const [id, , sent] = rows[place]!;
    return `${new Date(start + sent * 1000).toISOString()} ${id}`;
  });
  const known = { messages, redelivered: list, ...given };
  return { run, rows, given: known };
}

const killed = { end: undefined, messages: undefined, redelivered: undefined };

test("an id that a sender uses again makes no duplicate", () => {
  const out = temporaryFolder();
  consumed(out, "q", [
    numbered("one", [["1", 200, 0], ["2", 200, 1], ["1", 500, 2]]),
  ]);
  const { trials: [trial], problems } = readQueue(out, "q");
  assert.deepEqual(problems, []);
  const { calls, ok, failed, duplicates, reused } = trial!.summary;
  assert.deepEqual([calls, ok, failed, duplicates, reused], [3, 2, 1, 0, 1]);
});

test("a message of another sender that is delivered again is a duplicate", () => {
  const out = temporaryFolder();
  consumed(out, "q/1", [
    numbered("killed", [["1", 200, 0], ["2", 200, 1], ["3", 200, 2]], killed),
  ]);
  // The sender has used 2 again meanwhile, and RabbitMQ delivers 3 again.
  consumed(out, "q/2", [
    numbered("next", [["2", 200, 3], ["3", 200, 4], ["4", 200, 5]], {}, [1]),
  ]);
  const { trials: [trial, another], problems } = readQueue(out, "q");
  assert.deepEqual(problems, []);
  // Who called the same message called from the same queue.
  assert.equal(another, undefined);
  assert.deepEqual(runsOf(trial!).map(({ run }) => run), ["killed", "next"]);
  const { calls, ok, duplicates, reused } = trial!.summary;
  assert.deepEqual([calls, ok, duplicates, reused], [5, 5, 1, 1]);
});

test("another request with the id of one that is delivered again is none", () => {
  const out = temporaryFolder();
  consumed(out, "q/1", [numbered("killed", [["1", 200, 0]], killed)]);
  consumed(out, "q/2", [numbered("next", [["1", 200, 1]], {}, [0])]);
  const csv = resultFiles(out, "q/2").csv;
  const text = fs.readFileSync(csv, "utf8");
  fs.writeFileSync(csv, text.replace("127.0.0.1:8080/", "127.0.0.1:8080/b"));
  const { trials } = readQueue(out, "q");
  const summaries = trials.map(({ summary }) => summary);
  assert.deepEqual(summaries.map(({ ok }) => ok), [1, 1]);
  assert.deepEqual(summaries.map(({ duplicates }) => duplicates), [0, 0]);
});

test("the later row of a message that was lost is the duplicate", () => {
  const early = new Date(start - 1000).toISOString();
  const left = { messages: { written: 1, acknowledged: 0, dead: 0 } };
  const pairs = [
    [
      numbered("first", [["1", 200, 0]], killed),
      numbered("second", [["1", 200, 1]], killed),
    ],
    [
      numbered("got it", [["1", 200, 0]], {}, [0]),
      numbered("lost it", [["1", 200, 1]], { start: early, ...left }),
    ],
  ];
  for (const runs of pairs) {
    const out = temporaryFolder();
    runs.forEach((run, index) => consumed(out, `q/${index + 1}`, [run]));
    const { trials: [trial, another] } = readQueue(out, "q");
    assert.equal(another, undefined);
    const { calls, duplicates } = trial!.summary;
    assert.deepEqual([calls, duplicates], [1, 1]);
  }
});

test("ids of a run that left nothing are those of other messages later", () => {
  const out = temporaryFolder();
  const later = {
    start: new Date(start + 2e5).toISOString(),
    end: new Date(start + 3e5).toISOString(),
  };
  consumed(out, "q", [
    numbered("one day", [["1", 200, 0], ["2", 200, 1]]),
    // It has 1 from a consumer that died before it had called it.
    numbered("another day", [["1", 200, 201], ["2", 200, 202]], later, [0]),
  ]);
  const { trials } = readQueue(out, "q");
  const summaries = trials.map(({ summary }) => summary);
  assert.deepEqual(summaries.map(({ calls }) => calls), [2, 2]);
  assert.deepEqual(summaries.map(({ duplicates }) => duplicates), [0, 0]);
});
