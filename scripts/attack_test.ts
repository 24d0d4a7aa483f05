import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import path from "node:path";
import process from "node:process";
import { buffer } from "node:stream/consumers";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { arrivals, stages } from "./load/arrivals.ts";
import { readRuns, resultFiles } from "../lib/results.ts";
import { errorClass, isOk, type Row } from "../lib/row.ts";
import { runtime } from "../lib/runtime.ts";
import { startServer } from "../lib/script.ts";
import { type Ended, eventually, readRows } from "./dev/testing/processes.ts";
import { runScript, spawnScript } from "./dev/testing/processes.ts";
import { temporaryFolder } from "./dev/testing/processes.ts";

const target = await startServer("target.ts");
after(target.stop);

const parent = temporaryFolder();
const newFolder = () => fs.mkdtempSync(path.join(parent, "results-"));

function assertDone({ code, stderr }: Ended) {
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
}

/** An attack to its end: what it printed and wrote. */
function attack(...options: string[]) {
  return attackInto(newFolder(), ...options);
}

async function attackInto(out: string, ...options: string[]) {
  const files = resultFiles(out, "attack");
  const ended = await runScript(
    "attack.ts",
    ...["--out", out, "--json", ...options],
  );
  assertDone(ended);
  const summary = JSON.parse(ended.stdout);
  return { summary, rows: inOrder(readRows(files.csv)), ...files };
}

/** By the numbers of the calls. */
const inOrder = (rows: Row[]) =>
  rows.toSorted((a, b) => Number(a.id) - Number(b.id));

const idsOf = (rows: Row[]) => rows.map(({ id }) => Number(id));
const range = (length: number) => Array.from({ length }, (_, i) => i + 1);

type Answer = (
  response: ServerResponse,
  request: IncomingMessage,
  count: number,
) => unknown;

/** A server that answers as it is told, and counts what it is asked. */
async function startCounting(answer: Answer, port = 0) {
  const counts = { requests: 0, connections: 0, inFlight: 0, mostInFlight: 0 };
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    counts.requests++;
    counts.inFlight++;
    counts.mostInFlight = Math.max(counts.mostInFlight, counts.inFlight);
    // Before the answer leaves: the client may call again at once.
    const end = response.end;
    response.end = (...given: unknown[]) => {
      counts.inFlight--;
      return end.apply(response, given as never);
    };
    answer(response, request, counts.requests);
  });
  server.on("connection", () => counts.connections++);
  server.listen({ port, host: "127.0.0.1", backlog: 4096 });
  await once(server, "listening");
  function stop() {
    server.close();
    server.closeAllConnections();
  }
  after(stop);
  const own = (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${own}/?id={id}`;
  return { url, port: own, counts, stop };
}

/** A server that holds all requests until it is told to let them go. */
async function startHolding(free: (count: number) => boolean = () => false) {
  const held: ServerResponse[] = [];
  let isFree = false;
  const server = await startCounting((response, _, count) => {
    if (isFree) response.end();
    else held.push(response);
    if (free(count)) release();
  });
  function release() {
    isFree = true;
    for (const response of held.splice(0)) response.end();
  }
  return { ...server, release };
}

test("every call is made once, when it is due", async () => {
  const cases = [
    { options: ["--rate", "200"], rates: [200], ramp: 0 },
    { options: ["--rate", "30/100ms"], rates: [300], ramp: 0 },
    {
      options: ["--rate", "100,300", "--ramp", "200ms"],
      rates: [100, 300],
      ramp: 0.2,
    },
    { options: ["--rate", "7.5/1s"], rates: [7.5], ramp: 0 },
  ];
  await Promise.all(cases.map(async ({ options, rates, ramp }) => {
    const { total, due } = arrivals(stages(rates, 0.4, ramp));
    const url = `${target.url}/delay/20?id={id}`;
    const all = ["--url", url, "--duration", "400ms", ...options];
    const { rows, summary } = await attack(...all);
    const { calls, attempts, ok, unsent } = summary;
    // A machine with other work may not send the last ones.
    assert.deepEqual(idsOf(rows), range(total - unsent));
    assert.deepEqual([calls, attempts, ok], [total, ok, total - unsent]);
    assert.ok(ok > 0);
    // Timestamps are whole milliseconds, rounded down.
    const start = Math.max(...rows.map((row, n) => dueOf(row) - due(n)));
    rows.forEach((row, n) => {
      const late = dueOf(row) - start - due(n);
      assert.ok(late > -0.0011, `${row.id} was due ${late} s off`);
      assert.equal(row.url, url.replace("{id}", row.id));
      assert.ok(row.wait! >= 0 && row.elapsed! > 0);
    });
    const response = rows.map((row) => row.wait! + row.elapsed!);
    const figures = summary.response;
    assert.equal(figures.max.toFixed(6), Math.max(...response).toFixed(6));
    assert.equal(figures.min.toFixed(6), Math.min(...response).toFixed(6));
  }));
});

/** When a call was due, in seconds since 1970. */
function dueOf({ timestamp, wait }: Row): number {
  return timestamp.getTime() / 1000 - wait!;
}

test("calls that hang hold up no other: all 300 are in flight at once", async () => {
  // If it waited for any answer, the last request would never come.
  const server = await startHolding((count) => count === 300);
  const { rows, summary } = await attack(
    ...["--url", server.url, "--rate", "1000", "--duration", "300ms"],
  );
  assert.equal(server.counts.mostInFlight, 300);
  assert.equal(server.counts.requests, 300);
  assert.equal(server.counts.connections, 300);
  assert.deepEqual([rows.length, summary.ok], [300, 300]);
});

test("a server that freezes gets its calls all the same, and they show it", async () => {
  const frozen: ServerResponse[] = [];
  const server = await startCounting((response, { url }, count) => {
    if (Number(url!.split("=")[1]) > 40) frozen.push(response);
    else response.end();
    if (count === 100) { for (const response of frozen) response.end(); }
  });
  const { rows, summary } = await attack(
    ...["--url", server.url, "--rate", "200", "--duration", "500ms"],
  );
  assert.equal(server.counts.requests, 100);
  assert.ok(server.counts.mostInFlight >= 60);
  assert.deepEqual([rows.length, summary.ok], [100, 100]);
  // No frozen call ends before the last one was sent. Timestamps are whole
  // milliseconds, rounded down.
  const sent = (row: Row) => row.timestamp.getTime();
  const last = Math.max(...rows.map(sent));
  for (const row of rows.slice(40)) {
    assert.ok(sent(row) + 1000 * row.elapsed! > last - 1.1);
  }
});

test("above --max-in-flight calls wait, and the books show those never sent", async () => {
  const server = await startCounting((response) => {
    setTimeout(() => response.end(), 50);
  });
  const { rows, summary, json } = await attack(
    ...["--url", server.url, "--rate", "200", "--duration", "500ms"],
    ...["--max-in-flight", "4"],
  );
  assert.equal(server.counts.mostInFlight, 4);
  assert.equal(server.counts.connections, 4);
  const { calls, ok, failed, unsent } = summary;
  assert.deepEqual([calls, failed], [100, 0]);
  assert.equal(ok + unsent, 100);
  assert.ok(unsent > 0);
  // Whoever came first is sent first.
  assert.equal(rows.length, ok);
  assert.deepEqual(idsOf(rows), range(ok));
  assert.equal(server.counts.requests, ok);
  assert.ok(rows.at(-1)!.wait! > rows[0]!.wait!);
  const [run] = readRuns(json);
  assert.equal(run!.calls, 100);
});

test("what timed out is in the books as well, and unsent too", async () => {
  const server = await startHolding();
  const out = newFolder();
  const ended = await runScript(
    "attack.ts",
    ...["--url", server.url, "--rate", "100", "--duration", "300ms"],
    ...["--max-in-flight", "5", "--timeout", "150ms", "--out", out],
  );
  assertDone(ended);
  const [, ...books] =
    /^attack: (\d+) due = (\d+) ok \+ (\d+) failed \+ (\d+) timed out \+ (\d+) not sent$/m
      .exec(ended.stdout) ?? [];
  const [due, ok, failed, timedOut, unsent] = books.map(Number);
  assert.deepEqual([due, ok, failed], [30, 0, 0]);
  assert.equal(timedOut! + unsent!, 30);
  assert.ok(timedOut! >= 5 && unsent! > 0);
  const rows = readRows(resultFiles(out, "attack").csv);
  assert.deepEqual(new Set(rows.map(errorClass)), new Set(["timeout"]));
  assert.equal(rows.length, timedOut);
  assert.equal(server.counts.requests, timedOut);
});

test("--connections are opened before the first request, and no others", async () => {
  let atFirst = 0;
  const server = await startHolding((count) => {
    // Some may still wait to be accepted; the second request comes after 10 ms.
    const look = () => atFirst = server.counts.connections;
    if (count === 1) setTimeout(look, 5);
    return count === 12;
  });
  const { rows, summary } = await attack(
    ...["--url", server.url, "--rate", "100", "--duration", "300ms"],
    ...["--connections", "12", "--max-in-flight", "50"],
  );
  assert.equal(rows.length + summary.unsent, 30);
  // Bun's server sees a connection only when something comes over it.
  if (!runtime.startsWith("bun")) assert.equal(atFirst, 12);
  assert.equal(server.counts.mostInFlight, 12);
  assert.equal(server.counts.connections, 12);
});

test("connections that nobody needed are opened, and hold up no end", async () => {
  const server = await startCounting((response) => response.end());
  const { summary } = await attack(
    ...["--url", server.url, "--rate", "10", "--duration", "200ms"],
    ...["--connections", "9"],
  );
  assert.equal(summary.ok, 2);
  // The server may have been the last to know.
  await eventually("nine", () => server.counts.connections >= 9);
  assert.equal(server.counts.connections, 9);
});

test("a server that dies and comes back leaves a gap that the rows show", async () => {
  let died = () => {};
  const death = new Promise<void>((resolve) => died = resolve);
  const first = await startCounting((response, _, count) => {
    response.end();
    if (count === 30) died();
  });
  const out = newFolder();
  const running = attackInto(
    out,
    ...["--url", first.url, "--rate", "100", "--duration", "2s"],
  );
  await death;
  first.stop();
  const { csv } = resultFiles(out, "attack");
  await eventually(
    "a call that is refused",
    () => readRows(csv).some((row) => errorClass(row) === "refused"),
  );
  const second = await startCounting((response) => {
    response.end();
  }, first.port);
  const { rows, summary } = await running;
  assert.deepEqual(idsOf(rows), range(200 - summary.unsent));
  assert.equal(summary.ok + summary.failed + summary.unsent, 200);
  assert.equal(rows.filter(isOk).length, summary.ok);
  assert.ok(isOk(rows[0]!) && isOk(rows.at(-1)!));
  assert.ok(second.counts.requests > 0 && summary.ok >= 30);
  const classes = new Set(rows.map(errorClass).filter(Boolean));
  assert.ok(classes.isSubsetOf(new Set(["refused", "reset"])));
});

test("the options say what is sent, with the call's number in the URL", async () => {
  const seen: Record<string, unknown>[] = [];
  const { url } = await startCounting(async (response, request) => {
    const body = await buffer(request);
    const { method, url, headers } = request;
    seen.push({ method, url, a: headers["x-a"], body: String(body) });
    response.end();
  });
  const file = path.join(parent, "body.txt");
  fs.writeFileSync(file, "from a file");
  const short = ["--url", url, "--rate", "20", "--duration", "150ms"];
  const put = ["--method", "PUT", "--header", "X-A: b", "--body", "text"];
  const [{ rows }, { rows: posted }] = await Promise.all([
    attack(...short, ...put),
    attack(...short, "--body", `@${file}`),
  ]);
  assert.deepEqual(
    seen.toSorted((a, b) => String(a.url).localeCompare(String(b.url)))
      .filter(({ method }) => method === "PUT"),
    [1, 2, 3].map((id) => (
      { method: "PUT", url: `/?id=${id}`, a: "b", body: "text" }
    )),
  );
  const posts = seen.filter(({ method }) => method === "POST");
  assert.deepEqual(posts.map(({ body }) => body), Array(3).fill("from a file"));
  assert.ok(rows.every((row) => row.bytes_out === "text".length));
  assert.ok(posted.every((row) => row.bytes_out === "from a file".length));
});

test("a form arrives as a server reads forms", async () => {
  const forms: FormData[] = [];
  const { url } = await startCounting(async (response, request) => {
    const headers = { "content-type": request.headers["content-type"]! };
    const body = new Uint8Array(await buffer(request));
    forms.push(await new Response(body, { headers }).formData());
    response.end();
  });
  const file = path.join(parent, "picture.png");
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  fs.writeFileSync(file, bytes);
  const { rows } = await attack(
    ...["--url", url, "--rate", "20", "--duration", "100ms"],
    ...["--form", "title=a b", "--form", `picture=@${file}`],
  );
  assert.deepEqual([rows.length, forms.length], [2, 2]);
  for (const form of forms) {
    assert.equal(form.get("title"), "a b");
    const picture = form.get("picture") as File;
    assert.deepEqual([picture.name, picture.type], [
      "picture.png",
      "image/png",
    ]);
    assert.deepEqual(new Uint8Array(await picture.arrayBuffer()), bytes);
  }
});

test("targets take turns, each with its own headers and body", async () => {
  const seen: string[] = [];
  const { url } = await startCounting(async (response, request) => {
    const body = await buffer(request);
    const { method, headers } = request;
    const [path] = request.url!.split("?");
    seen.push(`${method} ${path} ${headers["x-a"] ?? "-"} ${body}`);
    response.end();
  });
  const root = new URL(url).origin;
  const body = path.join(parent, "target-body");
  fs.writeFileSync(body, "content");
  const file = path.join(parent, "targets");
  fs.writeFileSync(
    file,
    `GET ${root}/one?id={id}\n\nPOST ${root}/two\nX-A: b\n@${body}\n\n` +
      `DELETE ${root}/three\n`,
  );
  const { rows } = await attack(
    ...["--targets", file, "--rate", "30", "--duration", "200ms"],
  );
  assert.deepEqual(seen.toSorted(), [
    ...Array(2).fill("DELETE /three - "),
    ...Array(2).fill("GET /one - "),
    ...Array(2).fill("POST /two b content"),
  ]);
  assert.deepEqual(rows.map((row) => row.url), [
    ...[`${root}/one?id=1`, `${root}/two`, `${root}/three`],
    ...[`${root}/one?id=4`, `${root}/two`, `${root}/three`],
  ]);
});

test("a redirection is followed, and is one call", async () => {
  const server = await startCounting((response, { url }) => {
    if (url!.startsWith("/new")) response.end("here");
    else response.writeHead(302, { location: "/new" }).end();
  });
  const { rows } = await attack(
    ...["--url", server.url, "--rate", "20", "--duration", "200ms"],
  );
  assert.equal(server.counts.requests, 8);
  assert.deepEqual(
    rows.map(({ status, bytes_in }) => [status, bytes_in]),
    Array(4).fill([200, "here".length]),
  );
});

test("warm-up calls are made, and are no rows", async () => {
  const server = await startCounting((response) => response.end());
  const { rows, summary } = await attack(
    ...["--url", server.url, "--rate", "50", "--duration", "200ms"],
    ...["--warmup", "6"],
  );
  // A busy machine may not send the last ones.
  const sent = 10 - summary.unsent;
  assert.equal(server.counts.requests, 6 + sent);
  assert.deepEqual(idsOf(rows), range(sent));
  assert.equal(summary.calls, 10);
});

test("the throughput is that of the whole time, however soon its calls end", async () => {
  const { summary: { seconds, throughput, connections } } = await attack(
    ...["--url", `${target.url}/delay/1`],
    ...["--rate", "6/1h", "--duration", "400ms"],
  );
  assert.deepEqual([seconds, throughput], [0.4, 2.5]);
  assert.deepEqual(connections, { opened: 1, most: 1 });
});

test("--json is one object with the figures of an open loop, and --append adds a run", async () => {
  const out = newFolder();
  const { csv, json } = resultFiles(out, "attack");
  for (const runs of [1, 2]) {
    const ended = await runScript(
      "attack.ts",
      ...["--url", target.url, "--rate", "20", "--duration", "100ms"],
      ...["--out", out, "--append", "--json"],
    );
    assertDone(ended);
    const summary = JSON.parse(ended.stdout);
    assert.deepEqual(
      Object.keys(summary).sort(),
      ("attack attempts bytesIn bytesOut calls connections doubts elapsed errors " +
        "failed firstErrors inFlight lateness name ok okResponse rate response run seconds status " +
        "success throughput unsent wait").split(" "),
    );
    const rows = readRows(csv);
    assert.equal(rows.length, 2 * runs);
    const last = readRuns(json).at(-1)!;
    assert.deepEqual(
      readRuns(json).map(({ run }) => run),
      [...new Set(rows.map(({ run }) => run))],
    );
    assert.deepEqual(
      [last.run, last.calls, last.doubts],
      [summary.run, 2, summary.doubts],
    );
  }
});

test("a generator that can't keep up says so, and where it is read later", async () => {
  const out = newFolder();
  const { code, stdout } = await runScript(
    "attack.ts",
    ...["--url", `${target.url}/delay/1`, "--out", out],
    ...["--rate", "200000", "--duration", "10ms"],
  );
  assert.equal(code, 0);
  assert.match(stdout, /^attack: 2000 due/);
  assert.match(
    stdout,
    /^NOT TO BE TRUSTED: (the )?load generator (overloaded|busy|was too slow)/m,
  );
  const [run] = readRuns(resultFiles(out, "attack").json);
  assert.match(
    run!.doubts![0]!,
    /^(the )?load generator (overloaded|busy|was too slow)/,
  );
});

test("every rule that doesn't hold is a line, and the exit code 3", async () => {
  const options = ["--rate", "20", "--duration", "100ms", "--out", newFolder()];
  const { code, stderr } = await runScript(
    "attack.ts",
    ...["--url", `${target.url}/delay/1`, ...options],
    ...["--expect", "success>=1.5", "--expect", "p99<1h"],
    ...["--expect", "response.min>1h", "--expect", "failed<=2"],
  );
  assert.equal(code, 3);
  const lines = stderr.trim().split("\n");
  assert.equal(lines.length, 2);
  assert.equal(lines[0], "expected success>=1.5, measured 1");
  assert.match(lines[1]!, /^expected response\.min>1h, measured \d.* m?s$/);
});

const badTargets = path.join(parent, "bad-targets");
fs.writeFileSync(badTargets, "GET http://127.0.0.1:1/\n\nthis is no request\n");

const mistakes: [says: RegExp, ...options: string[]][] = [
  [/^--rate takes .*, not "0"$/, "--rate", "0"],
  [/^--duration takes .*"0s"$/, "--duration", "0s"],
  [/bad-targets:3: "this is no request" is/, "--targets", badTargets],
  [/leave out --expect/, "--find", "p99<1s", "--expect", "p99<1s"],
  [/--find takes one --rate/, "--find", "p99<1s", "--rate", "10,20"],
  [/^--calls is not an option; did you mean --\w+/, "--calls", "5"],
];

test("wrong usage is said in a line, before any work", async () => {
  const out = path.join(parent, "never");
  await Promise.all(mistakes.map(async ([says, ...options]) => {
    const { code, stdout, stderr } = await runScript(
      "attack.ts",
      ...[...options, "--out", out],
    );
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr.trimEnd(), says);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  }));
  assert.ok(!fs.existsSync(out));
});

const loops = [
  {
    script: "attack.ts",
    options: ["--rate", "100", "--duration", "30s"],
    due: 3000,
  },
  {
    script: "users.ts",
    options: ["--users", "8", "--duration", "30s"],
    due: undefined,
  },
];

/** Starts a loop, and waits until calls are in flight at a server that hangs. */
async function startLong(
  { script, options }: typeof loops[0],
  ...more: string[]
) {
  const server = await startHolding();
  const out = newFolder();
  const { child, ended } = spawnScript(script, [
    ...["--url", server.url, "--out", out, "--json", ...options, ...more],
  ]);
  const { counts } = server;
  await eventually("calls in flight", () => counts.requests >= 8);
  const interrupt = () => process.kill(child.pid!, "SIGINT");
  /** Resolves when no more calls arrive. */
  async function silence() {
    for (let before = -1; before < counts.requests; await sleep(400)) {
      before = counts.requests;
    }
  }
  const files = resultFiles(out, script.replace(".ts", ""));
  return { ...server, ...files, interrupt, silence, ended };
}

/** The rows of an interrupted run, whose books must balance. */
function interruptedRows(
  { code, stdout }: Ended,
  { csv, json }: { csv: string; json: string },
  due: number | undefined,
) {
  assert.equal(code, 130);
  const { calls, ok, failed, unsent } = JSON.parse(stdout);
  assert.equal(ok + failed + unsent, calls);
  if (due) assert.equal(calls, due);
  const rows = readRows(csv);
  assert.equal(rows.length, ok + failed);
  const [run] = readRuns(json);
  assert.ok(run!.end);
  assert.equal(run!.calls, calls);
  return rows;
}

test("after Ctrl-C no more is sent, and what is in flight is answered", async () => {
  await Promise.all(loops.map(async (loop) => {
    const started = await startLong(loop);
    const { counts } = started;
    started.interrupt();
    await started.silence();
    const sent = counts.requests;
    started.release();
    const ended = await started.ended;
    assert.match(ended.stderr, /waiting for \d+ calls in flight/);
    const rows = interruptedRows(ended, started, loop.due);
    assert.equal(counts.requests, sent);
    assert.equal(rows.length, sent);
    assert.ok(rows.every(isOk));
  }));
});

test("a second Ctrl-C ends what is in flight", async () => {
  await Promise.all(loops.map(async (loop) => {
    const started = await startLong(loop);
    started.interrupt();
    await started.silence();
    started.interrupt();
    const ended = await started.ended;
    const rows = interruptedRows(ended, started, loop.due);
    assert.equal(rows.length, started.counts.requests);
    for (const row of rows) assert.equal(errorClass(row), "aborted");
  }));
});

test("Ctrl-C in the warm-up writes no file", async () => {
  await Promise.all(loops.map(async (loop) => {
    const started = await startLong(loop, "--warmup", "1000");
    started.interrupt();
    await started.silence();
    started.release();
    const { code, stdout } = await started.ended;
    assert.deepEqual([code, stdout], [130, ""]);
    assert.ok(!fs.existsSync(started.csv));
  }));
});

test("a warm-up doesn't change when the calls are due", async () => {
  const url = `${target.url}/delay/0`;
  const load = ["--rate", "10", "--duration", "400ms", "--warmup", "2"];
  const { summary } = await attack(...["--url", url, ...load]);
  assert.equal(summary.calls, 4);
  assert.ok(summary.lateness.min > -0.001, "sent before its time");
});

test("a server that never lets anybody connect doesn't hold up the end", async () => {
  const silent = createTcpServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const url = ["--url", `https://127.0.0.1:${port}/`, "--timeout", "200ms"];
  const load = ["--rate", "20", "--duration", "100ms", "--connections", "2"];
  const { code, stdout, stderr } = await runScript(
    "attack.ts",
    ...[...url, ...load, "--json", "--out", newFolder()],
  );
  silent.close();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /opened 0 of 2 connections/);
  assert.deepEqual(JSON.parse(stdout).errors, { timeout: 2 });
});

test("Ctrl-C in the warm-up sends nothing that waited", async () => {
  const { url, counts } = await startHolding();
  const load = ["--rate", "200", "--warmup", "50", "--duration", "1s"];
  const limit = ["--max-in-flight", "3", "--out", newFolder()];
  const { child, ended } = spawnScript("attack.ts", [
    ...["--url", url, ...load, ...limit],
  ]);
  await eventually("three calls", () => counts.requests === 3);
  await sleep(100);
  process.kill(child.pid!, "SIGINT");
  assert.equal((await ended).code, 130);
  assert.equal(counts.requests, 3);
});
