import assert from "node:assert/strict";
import test from "node:test";
import { isOk } from "./row.ts";
import { formatSummary, startSummary } from "./summary.ts";
import { responseTime } from "../notebooks/kit/calls.ts";
import {
  randomNumbers,
  someRow,
  summarize,
} from "../scripts/dev/testing/processes.ts";

/** Rows of every kind, and how many calls were due. */
function someRun(random: () => number) {
  const pick = <T>(...values: T[]) =>
    values[Math.floor(random() * values.length)]!;
  const rows = Array.from({ length: 40 * random() }, (_, index) => {
    const row = someRow({
      id: String(index + 1),
      timestamp: new Date(1e12 + 1e5 * random()),
      error: pick("", "", "timeout: no end", "reset: by peer", "aborted: x"),
      status: pick(undefined, 200, 204, 302, 404, 429, 500),
      elapsed: pick(undefined, random()),
      server: pick(undefined, random()),
    });
    return row.error || row.status ? row : { ...row, error: "other: nothing" };
  });
  return { rows, calls: rows.length + Math.floor(random() * 5) };
}

const total = (counts: Record<string, number>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

test("the books of any run balance", () => {
  const random = randomNumbers();
  for (let trial = 0; trial < 500; trial++) {
    const { rows, calls } = someRun(random);
    const summary = summarize(rows, { calls });
    const { ok, failed, unsent, status, errors } = summary;
    assert.equal(ok + failed + unsent, calls);
    assert.equal(ok, rows.filter(isOk).length);
    assert.equal(unsent, calls - rows.length);
    assert.equal(total(status), rows.filter((row) => row.status).length);
    assert.equal(total(errors), rows.filter((row) => row.error).length);
    assert.equal(summary.success, rows.length && ok / rows.length);

    const [first = ""] = formatSummary(summary, "a.csv").split("\n");
    const [due, ...parts] = first.match(
      /(\d+) due = (\d+) ok \+ (\d+) failed \+ (\d+) timed out \+ (\d+) not/,
    )!.slice(1).map(Number);
    assert.equal(due, calls);
    assert.equal(parts.reduce((sum, part) => sum + part), calls);
  }
});

test("a run without a row has a summary, and no figure that is made up", () => {
  const summary = summarize([], { calls: 3 });
  assert.equal(summary.unsent, 3);
  assert.equal(summary.success, 0);
  for (const part of ["elapsed", "response", "optimum", "rate"] as const) {
    assert.equal(summary[part], undefined);
  }
  assert.match(formatSummary(summary, "a.csv"), /3 due .* 3 not sent/);
});

test("the response time is wait and elapsed together", () => {
  assert.equal(responseTime(someRow({ wait: 1, elapsed: 2 })), 3);
  assert.equal(responseTime(someRow({ wait: undefined, elapsed: 2 })), 2);
  assert.equal(responseTime(someRow({ elapsed: undefined })), undefined);
});

test("a run lasts from the first call being due to the last one's end", () => {
  const at = (seconds: number) => new Date(1e12 + seconds * 1000);
  const { seconds } = summarize([
    someRow({ timestamp: at(5), wait: 5, elapsed: 10 }),
    someRow({ timestamp: at(1), wait: 0.5, elapsed: 1 }),
  ]);
  assert.equal(seconds, 15);
  assert.equal(summarize([]).seconds, 0);
});

test("efficiency compares the optimum of the style with what it took", () => {
  const rows = [0.1, 0.2, 0.3].map((server, index) =>
    someRow({ server, elapsed: server, id: String(index) })
  );
  const efficiency = (concurrency: number | null) =>
    summarize(rows, { seconds: 0.6, concurrency }).efficiency!.toFixed(6);
  assert.equal(efficiency(1), "1.000000");
  assert.equal(efficiency(2), "0.666667");
  assert.equal(efficiency(null), "0.500000");
});

test("there is no efficiency unless the server timed every call", () => {
  const rows = [someRow(), someRow({ id: "2", server: undefined })];
  assert.equal(summarize(rows).efficiency, undefined);
  assert.equal(summarize([someRow()], { calls: 2 }).efficiency, undefined);
});

test("the last attempt at a call decides what became of it", () => {
  const rows = [
    someRow({ id: "1", status: 429 }),
    someRow({ id: "2", status: 200 }),
    someRow({ id: "1", status: 200 }),
    someRow({ id: "3", status: 429 }),
    someRow({ id: "3", status: 429 }),
  ];
  const summary = summarize(rows, { calls: 4 });
  const { calls, attempts, ok, failed, unsent, status } = summary;
  assert.deepEqual([calls, attempts, ok, failed, unsent], [4, 5, 2, 1, 1]);
  assert.deepEqual(status, { 200: 2, 429: 3 });
  assert.match(formatSummary(summary, "a.csv"), /2 attempts more/);
});

test("messages that share an id are calls of their own, and said to be", () => {
  const own = "mabcdef0-aaaa-1";
  const rows = [
    someRow({ id: "1", url: "http://a/" }),
    someRow({ id: "1", url: "http://b/", status: 429 }),
    someRow({ id: "1", url: "http://c/", status: 500 }),
    someRow({ id: "1", url: "http://b/" }),
    // The producer gives no id twice, but may publish a message again.
    someRow({ id: own }),
    someRow({ id: own }),
  ];
  const { add, end } = startSummary({ byMessage: true });
  for (const row of rows) add(row);
  const summary = end();
  const { calls, attempts, ok, failed, duplicates, reused } = summary;
  assert.deepEqual([calls, attempts, ok, failed], [4, 5, 3, 1]);
  assert.deepEqual([duplicates, reused], [1, 2]);
  const said = formatSummary(summary, "a.csv");
  assert.match(said, /1 attempts more; 1 duplicates, not counted$/m);
  assert.match(said, /^2 messages reused an id; each is counted as a call/m);
});

test("bytes are added up", () => {
  const rows = [
    someRow({ bytes_in: 5, bytes_out: 1 }),
    someRow({ bytes_in: undefined, bytes_out: 2 }),
  ];
  const { bytesIn, bytesOut } = summarize(rows);
  assert.deepEqual([bytesIn, bytesOut], [5, 3]);
});

test("how many were in flight is said by the books and by Little's law", () => {
  const rows = [0.1, 0.2, undefined].map((elapsed, index) =>
    someRow({ elapsed, id: String(index) })
  );
  const summary = startSummary();
  for (const row of rows) summary.add(row);
  const ended = summary.end(0.5, 3, 0.35);
  const { mean, law } = ended.inFlight!;
  assert.equal(mean.toFixed(9), "0.700000000");
  assert.equal(law.toFixed(9), "0.600000000");
  assert.match(
    formatSummary(ended, "a.csv"),
    /^In Flight +\[mean, by Little's law\] +0\.700, 0\.600$/m,
  );
});

test("without books, or a run, nothing is said to be in flight", () => {
  const ends = [summarize([someRow()]), startSummary().end(0, 3, 0.1)];
  for (const summary of ends) {
    assert.equal(summary.inFlight, undefined);
    assert.doesNotMatch(formatSummary(summary, "a.csv"), /In Flight/);
  }
});

test("any text is the id of one call", () => {
  const random = randomNumbers();
  const ids = ["1", "01", "1.0", "-1", "", "4294967296", "__proto__", "size"];
  for (let trial = 0; trial < 500; trial++) {
    const rows = Array.from({ length: 10 * random() }, () =>
      someRow({
        id: ids[Math.floor(ids.length * random())]!,
        status: random() < 0.5 ? 200 : 500,
      }));
    const last = new Map(rows.map((row) => [row.id, isOk(row)]));
    const { calls, ok, failed } = summarize(rows);
    assert.equal(calls, last.size);
    assert.equal(ok, [...last.values()].filter(Boolean).length);
    assert.equal(failed, calls - ok);
  }
});
