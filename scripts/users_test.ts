import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readRuns, resultFiles } from "../lib/results.ts";
import { isOk, type Row } from "../lib/row.ts";
import { command } from "../lib/runtime.ts";
import { startServer } from "../lib/script.ts";
import {
  eventually,
  readRows,
  runScript,
  stats,
} from "./dev/testing/processes.ts";
import { temporaryFolder, testUnless } from "./dev/testing/processes.ts";

const target = await startServer("target.ts");
after(target.stop);

const parent = temporaryFolder();
const newFolder = () => fs.mkdtempSync(path.join(parent, "results-"));

/** Users until the end: what the script printed and wrote. */
async function runUsers(url: string, ...options: string[]) {
  const out = newFolder();
  const files = resultFiles(out, "users");
  const { code, stdout, stderr } = await runScript(
    "users.ts",
    ...["--url", url, "--out", out, "--json", ...options],
  );
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return { summary: JSON.parse(stdout), rows: readRows(files.csv), ...files };
}

const idsOf = (rows: Row[]) =>
  rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
const range = (length: number) => Array.from({ length }, (_, i) => i + 1);

/** A server that keeps the responses that it is to give, and counts them. */
async function startHolding() {
  const held: ServerResponse[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (_, response) => {
    held.push(response);
  });
  let connections = 0;
  server.on("connection", () => connections++);
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/?id={id}`,
    held,
    connections: () => connections,
  };
}

test("a thousand users are a thousand calls in flight, without a cap", async () => {
  const { url, held, connections } = await startHolding();
  const running = runUsers(
    url,
    ...["--users", "1000", "--spawn-rate", "0"],
    ...["--duration", "2s", "--think", "1m"],
  );
  // Nobody has an answer, so that each has called once.
  await eventually("them all", () => held.length === 1000);
  assert.equal(connections(), 1000);
  for (const response of held) response.end();
  const { rows, summary } = await running;
  assert.equal(held.length, 1000);
  assert.deepEqual(idsOf(rows), range(1000));
  assert.deepEqual([summary.ok, summary.unsent], [1000, 0]);
});

test("a user has one call in flight and one connection", async () => {
  await Promise.all([1, 7].map(async (users) => {
    const own = await startServer("target.ts");
    const { rows, summary } = await runUsers(
      `${own.url}/delay/150`,
      ...["--users", String(users), "--duration", "1s"],
    );
    const counted = await stats(own.url);
    await own.stop();
    assert.equal(counted.mostInFlight, users);
    // One more for the question.
    assert.equal(counted.connections, users + 1);
    assert.equal(counted.accepted, rows.length);
    assert.ok(rows.length > users);
    assert.deepEqual(idsOf(rows), range(rows.length));
    const { calls, ok, failed, unsent } = summary;
    assert.deepEqual([calls, ok, failed + unsent], [rows.length, calls, 0]);
    if (users > 1) return;
    // A call is due when its user makes it: not before the last one has ended.
    // Timestamps are whole milliseconds, rounded down.
    rows.reduce((before, row) => {
      const due = row.timestamp.getTime() - 1000 * row.wait!;
      const ended = before.timestamp.getTime() + 1000 * before.elapsed!;
      assert.ok(due > ended - 1.1, `due ${ended - due} ms early`);
      return row;
    });
  }));
});

test("users who think send no more than a call for each thought", async () => {
  const { rows } = await runUsers(
    `${target.url}/delay/0`,
    ...["--users", "5", "--think", "100ms", "--duration", "450ms"],
  );
  assert.ok(rows.length >= 5);
  assert.ok(rows.length <= 5 * 5, `${rows.length} calls`);
});

test("a thought doesn't hold up the end", async () => {
  const options = ["--users", "3", "--think", "1h", "--duration", "200ms"];
  const { rows } = await runUsers(`${target.url}/delay/0`, ...options);
  assert.equal(rows.length, 3);
});

test("users join one by one, none before its time", async () => {
  const { url, held } = await startHolding();
  const running = runUsers(
    url,
    ...["--users", "10", "--spawn-rate", "20", "--duration", "500ms"],
  );
  await eventually("the first ones", () => held.length >= 5);
  let ended = false;
  running.then(() => ended = true);
  // One that joins meanwhile is answered as well.
  await eventually("its end", () => {
    for (const response of held) response.end();
    return ended;
  });
  const { rows, json } = await running;
  const start = Date.parse(readRuns(json)[0]!.start) / 1000;
  const sent = rows.map(({ timestamp }) => timestamp.getTime() / 1000)
    .sort((a, b) => a - b);
  // Whoever has an answer calls again, but until then nobody had one.
  sent.slice(0, 5).forEach((time, user) => {
    const early = start + user / 20 - time;
    assert.ok(early < 0.002, `user ${user} came ${early} s early`);
  });
});

test("calls in flight at the end get their answers, and nobody calls again", async () => {
  const { url, held } = await startHolding();
  const running = runUsers(url, "--users", "4", "--duration", "100ms");
  await eventually("a call of each", () => held.length === 4);
  // Long after the end.
  await sleep(400);
  for (const response of held) response.end();
  const { rows, summary } = await running;
  assert.equal(held.length, 4);
  assert.equal(rows.filter(isOk).length, 4);
  assert.deepEqual(summary.errors, {});
});

test("without a URL they call a target of their own", async () => {
  const out = newFolder();
  const { code, stdout, stderr } = await runScript(
    "users.ts",
    ...["--users", "3", "--duration", "200ms", "--out", out],
  );
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^users: \d+ due = \d+ ok \+ 0 failed \+ 0 timed out/);
  const { csv, json } = resultFiles(out, "users");
  const rows = readRows(csv);
  assert.ok(rows.length >= 3 && rows.every(isOk));
  assert.equal(readRuns(json)[0]!.calls, rows.length);
});

test("warm-up calls are made, and are no rows", async () => {
  const own = await startServer("target.ts");
  const { rows } = await runUsers(
    `${own.url}/delay/10?id={id}`,
    ...["--users", "2", "--duration", "500ms", "--warmup", "5"],
  );
  const { accepted } = await stats(own.url);
  await own.stop();
  assert.equal(accepted, rows.length + 5);
  assert.deepEqual(idsOf(rows), range(rows.length));
});

for (const method of ["GET", "HEAD"]) {
  test(`each user has one connection for ${method}`, async () => {
    const { summary } = await runUsers(
      `${target.url}/delay/10`,
      ...["--users", "3", "--duration", "300ms", "--method", method],
    );
    assert.ok(summary.ok > 10, `${summary.ok} calls`);
    assert.deepEqual(summary.connections, { opened: 3, most: 3 });
  });
}

test("--json is one object with the figures of a closed loop", async () => {
  const { summary, json } = await runUsers(
    `${target.url}/delay/10`,
    ...["--users", "2", "--duration", "100ms"],
  );
  assert.deepEqual(
    Object.keys(summary).sort(),
    ("attack attempts bytesIn bytesOut calls connections doubts elapsed errors failed " +
      "firstErrors inFlight name ok okResponse rate response run seconds status success throughput unsent " +
      "wait").split(" "),
  );
  assert.equal(readRuns(json)[0]!.run, summary.run);
});

test("every rule that doesn't hold is a line, and the exit code 3", async () => {
  const { code, stderr } = await runScript(
    "users.ts",
    ...["--url", `${target.url}/delay/1`, "--out", newFolder()],
    ...["--users", "2", "--duration", "50ms", "--think", "1s"],
    ...["--expect", "ok>=9", "--expect", "failed<=9", "--expect", "p50>1h"],
  );
  assert.equal(code, 3);
  const lines = stderr.trim().split("\n");
  assert.equal(lines.length, 2);
  assert.equal(lines[0], "expected ok>=9, measured 2");
  assert.match(lines[1]!, /^expected p50>1h, measured \d/);
});

const mistakes: { options: string[]; says: RegExp }[] = [
  { options: ["--users", "0"], says: /^--users takes .*, not "0"$/ },
  { options: ["--spawn-rate", "-1"], says: /--spawn-rate/ },
  { options: ["--think", "x"], says: /^--think takes a time .*, not "x"$/ },
  { options: ["--calls", "5"], says: /^--calls is not an option; did you/ },
  { options: ["--expect", "p98<1s"], says: /^--expect takes .*"p98<1s"$/ },
];

test("what makes no sense is said in a line, before any work", async () => {
  const out = path.join(parent, "never");
  await Promise.all(mistakes.map(async ({ options, says }) => {
    const { code, stdout, stderr } = await runScript(
      "users.ts",
      ...[...options, "--out", out],
    );
    const shown = options.join(" ");
    assert.deepEqual([code, stdout], [2, ""], shown);
    assert.match(stderr.trimEnd(), says, shown);
    assert.equal(stderr.trimEnd().split("\n").length, 1, shown);
  }));
  assert.ok(!fs.existsSync(out));
});

const missing = fs.existsSync("/proc/self/limits")
  ? undefined
  : "/proc/self/limits";

testUnless(
  missing,
  "more connections than open files are refused",
  async () => {
    const out = path.join(parent, "never");
    const asked = {
      "--users 1000": "users.ts",
      "--connections 1000": "attack.ts",
    };
    await Promise.all(
      Object.entries(asked).map(async ([option, script]) => {
        const file = fileURLToPath(new URL(script, import.meta.url));
        const words = [...command(file), ...option.split(" "), "--out", out];
        const shell = ["-c", 'ulimit -n 300; exec "$@"', "sh", ...words];
        const [code, stderr] = await new Promise<[unknown, string]>((resolve) =>
          execFile("sh", shell, (error, _, stderr) => {
            resolve([error?.code, stderr]);
          })
        );
        assert.equal(code, 2, option);
        // With the files that it needs beside them.
        const says = `^${option} needs 1064 open files, .* 300; .*\\n$`;
        assert.match(stderr, RegExp(says));
      }),
    );
    assert.ok(!fs.existsSync(out));
  },
);
