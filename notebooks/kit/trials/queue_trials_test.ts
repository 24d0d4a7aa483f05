import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { resultFiles } from "../../../lib/results.ts";
import type { Run } from "./details.ts";
import {
  someRow,
  temporaryFolder,
} from "../../../scripts/dev/testing/processes.ts";
import { type QueueTrial, readQueue, runsOf } from "./queue_trials.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../../scripts/dev/testing/example_runs.ts";

const first = "mabcdef0-aaaa";
const second = "mabcdef1-bbbb";

interface Consumer {
  run: string;
  /** Each as id, status and second. */
  rows: [string, number, number][];
  given?: Partial<Run>;
}

/** The runs of producers, each with how many messages, and those of consumers. */
function write(
  published: Record<string, number>,
  consumers: Record<string, Consumer[]>,
): string {
  const folder = temporaryFolder();
  for (const [run, count] of Object.entries(published)) {
    const messages = { published: count, again: 0, confirmed: count };
    const name = `producer-${run}`;
    const own = { run, name, unique: undefined, calls: count, messages };
    writeTrials(folder, name, [{ run: someRun(own), rows: [] }]);
  }
  const own = { byMessage: true, unique: undefined, concurrency: 5 };
  for (const [name, runs] of Object.entries(consumers)) {
    const made = runs.map(({ run, rows, given }) => ({
      run: someRun({ ...own, run, name, ...given }),
      rows: rows.map(([id, status, sent]) =>
        someRow({
          ...{ name, run, id, status, wait: 0, elapsed: 0.5 },
          timestamp: new Date(start + sent * 1000),
        })
      ),
    }));
    writeTrials(folder, name, made);
  }
  return folder;
}

const read = (...args: Parameters<typeof write>) =>
  readQueue(write(...args), "q");

/** What there is to be counted of trials. */
function counts(trials: QueueTrial[]) {
  return trials.map(({ summary }) => {
    const { calls, attempts, ok, duplicates, reused = 0 } = summary;
    return { calls, attempts, ok, duplicates, reused };
  });
}

const callers = (trials: QueueTrial[]) =>
  trials.map((trial) => runsOf(trial).map(({ run }) => run).sort());

test("consumers of one producer make one trial together", () => {
  const { trials, problems } = read({ [first]: 4 }, {
    "q/1": [{
      run: "one",
      rows: [[`${first}-1`, 200, 0], [`${first}-4`, 200, 2]],
    }],
    "q/2": [{
      run: "two",
      rows: [[`${first}-2`, 200, 1], [`${first}-3`, 500, 1]],
    }],
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(callers(trials), [["one", "two"]]);
  assert.deepEqual(counts(trials), [
    { calls: 4, attempts: 4, ok: 3, duplicates: 0, reused: 0 },
  ]);
  const { seconds, unsent, optimum } = trials[0]!.summary;
  // How many consumers there were at a time is unknown, and so the optimum.
  assert.deepEqual([seconds, unsent, optimum], [2.5, 0, undefined]);
  assert.equal(trials[0]!.producer!.run, first);
});

test("each run of a producer is a trial of its own", () => {
  const rows: Consumer["rows"] = [
    [`${first}-1`, 200, 0],
    [`${second}-1`, 200, 1],
    [`${first}-2`, 200, 2],
  ];
  const { trials } = read({ [first]: 2, [second]: 1 }, {
    q: [{ run: "one", rows }],
  });
  assert.deepEqual(counts(trials).map(({ calls }) => calls), [2, 1]);
});

test("messages without a row are missing, and leave their trial out", () => {
  const { trials, batches, problems } = read({ [first]: 3 }, {
    q: [{ run: "one", rows: [[`${first}-1`, 200, 0], [`${first}-3`, 200, 1]] }],
  });
  assert.deepEqual(trials, []);
  assert.equal(batches[0]!.summary.unsent, 1);
  assert.match(String(problems), /has 2 of its 3 calls and is left out/);
  assert.match(
    String(read({}, {}).problems),
    /metrics_q\.csv: there is no such file/,
  );
});

const killed = { end: undefined, messages: undefined, redelivered: undefined };

test("a message that was called already is a duplicate, unless it was refused", () => {
  const { trials, problems } = read({ [first]: 2 }, {
    q: [
      // It was killed before it could acknowledge its second message.
      {
        run: "killed",
        rows: [[`${first}-1`, 200, 0], [`${first}-2`, 200, 1]],
        given: killed,
      },
      { run: "next", rows: [[`${first}-2`, 500, 2]] },
    ],
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(counts(trials), [
    { calls: 2, attempts: 2, ok: 2, duplicates: 1, reused: 0 },
  ]);
  const by = trials[0]!.rows.map(({ run }) => run);
  assert.deepEqual(by, ["killed", "killed"]);

  const id = `${second}-1`;
  const refused = read({ [second]: 1 }, {
    q: [
      { run: "killed", rows: [[id, 429, 0]], given: killed },
      { run: "next", rows: [[id, 429, 1], [id, 200, 2]] },
      { run: "late", rows: [[id, 429, 3], [id, 200, 4]] },
    ],
  });
  assert.deepEqual(counts(refused.trials), [
    { calls: 1, attempts: 3, ok: 1, duplicates: 2, reused: 0 },
  ]);
});

test("messages of another sender are those of the consumer's run", () => {
  const uuid = () => crypto.randomUUID();
  const { trials } = read({}, {
    "q": [
      { run: "one", rows: [[uuid(), 200, 0], ["7", 200, 1], ["8", 200, 2]] },
      { run: "two", rows: [["7", 200, 3]] },
    ],
    "q-else": [
      { run: "no", rows: [["1", 200, 0]], given: { byMessage: undefined } },
    ],
  });
  assert.deepEqual(callers(trials), [["one"], ["two"]]);
  assert.deepEqual(counts(trials).map(({ calls }) => calls), [3, 1]);
});

/** The rows of messages with the ids that a sender counts from 1. */
function numbered(
  run: string,
  rows: Consumer["rows"],
  given: Partial<Run> = {},
  redelivered: number[] = [],
): Consumer {
  const messages = { written: rows.length, acknowledged: rows.length, dead: 0 };
  const list = redelivered.map((place) => {
    const [id, , sent] = rows[place]!;
    return `${new Date(start + sent * 1000).toISOString()} ${id}`;
  });
  return { run, rows, given: { messages, redelivered: list, ...given } };
}

const later = {
  start: new Date(start + 2e5).toISOString(),
  end: new Date(start + 3e5).toISOString(),
};
const lost = {
  start: new Date(start - 1000).toISOString(),
  messages: { written: 1, acknowledged: 0, dead: 0 },
};

/** Of a sender that counts its messages anew: who called, and what is counted. */
const reusing: Record<string, [Consumer[], ReturnType<typeof counts>]> = {
  "an id that is used again makes no duplicate": [
    [numbered("one", [["1", 200, 0], ["2", 200, 1], ["1", 500, 2]])],
    [{ calls: 3, attempts: 3, ok: 2, duplicates: 0, reused: 1 }],
  ],
  // The sender has used 2 again meanwhile, and RabbitMQ delivers 3 again.
  "a message that is delivered again is a duplicate": [
    [
      numbered("killed", [["1", 200, 0], ["2", 200, 1], ["3", 200, 2]], killed),
      numbered("next", [["2", 200, 3], ["3", 200, 4], ["4", 200, 5]], {}, [1]),
    ],
    [{ calls: 5, attempts: 5, ok: 5, duplicates: 1, reused: 1 }],
  ],
  "of two killed consumers, the second one's row is the duplicate": [
    [
      numbered("first", [["1", 200, 0]], killed),
      numbered("second", [["1", 200, 1]], killed),
    ],
    [{ calls: 1, attempts: 1, ok: 1, duplicates: 1, reused: 0 }],
  ],
  "who loses a message and calls it later has the duplicate": [
    [
      numbered("got it", [["1", 200, 0]], {}, [0]),
      numbered("lost it", [["1", 200, 1]], lost),
    ],
    [{ calls: 1, attempts: 1, ok: 1, duplicates: 1, reused: 0 }],
  ],
  // It has 1 from a consumer that died before it had called it.
  "after a run that left nothing the same ids are other messages": [
    [
      numbered("one day", [["1", 200, 0], ["2", 200, 1]]),
      numbered("another", [["1", 200, 201], ["2", 200, 202]], later, [0]),
    ],
    [
      { calls: 2, attempts: 2, ok: 2, duplicates: 0, reused: 0 },
      { calls: 2, attempts: 2, ok: 2, duplicates: 0, reused: 0 },
    ],
  ],
};

for (const [what, [consumers, expected]] of Object.entries(reusing)) {
  test(what, () => {
    const files = consumers.map((one, index) => [`q/${index + 1}`, [one]]);
    const { trials, problems } = read({}, Object.fromEntries(files));
    assert.deepEqual(problems, []);
    assert.deepEqual(counts(trials), expected);
  });
}

test("another request with the id of one that is delivered again is no duplicate", () => {
  const out = write({}, {
    "q/1": [numbered("killed", [["1", 200, 0]], killed)],
    "q/2": [numbered("next", [["1", 200, 1]], {}, [0])],
  });
  const { csv } = resultFiles(out, "q/2");
  const text = fs.readFileSync(csv, "utf8");
  fs.writeFileSync(csv, text.replace("127.0.0.1:8080/", "127.0.0.1:8080/b"));
  const { trials } = readQueue(out, "q");
  const found = counts(trials).map(({ ok, duplicates }) => [ok, duplicates]);
  assert.deepEqual(found, [[1, 0], [1, 0]]);
});
