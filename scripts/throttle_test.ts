import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { limiters } from "./servers/target/server/limiters.ts";
import { startServer } from "../lib/script.ts";
import {
  eventually,
  randomNumbers,
  readRows,
} from "./dev/testing/processes.ts";
import { runScript, spawnScript, stats } from "./dev/testing/processes.ts";
import { temporaryFolder } from "./dev/testing/processes.ts";

const target = await startServer("target.ts");
after(() => target.stop());

/** Throttles calls of a URL and gives what it printed and wrote. */
async function throttle(url: string, calls: number, ...options: string[]) {
  const out = temporaryFolder();
  const common = [
    "--url",
    url,
    "--calls",
    String(calls),
    "--out",
    out,
    "--json",
  ];
  const ended = await runScript("throttle.ts", ...common, ...options);
  assert.equal(ended.code, 0, ended.stderr);
  const name = options.includes("--adaptive") ? "adaptive" : "throttle";
  const rows = readRows(path.join(out, `metrics_${name}.csv`));
  return { ...ended, rows, summary: JSON.parse(ended.stdout) };
}

/** A server that answers as it is told; it notes when it was asked. */
async function startAnswering(
  answer: (response: ServerResponse, count: number) => void,
) {
  const arrivals: number[] = [];
  const server = createServer((_, response) => {
    answer(response, arrivals.push(performance.now() / 1000));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/?id={id}`, arrivals };
}

const refuse = (response: ServerResponse, retryAfter?: string) =>
  response.writeHead(429, retryAfter ? { "retry-after": retryAfter } : {});

test("no kind of limit refuses a call, as the server counts them", async () => {
  const options = ["--rate", "50", "--jitter", "300ms"];
  await Promise.all(
    Object.keys(limiters).map(async (kind) => {
      // A machine with other work lets calls bunch up, but not each time.
      for (let left = 3; left > 0; left--) {
        const key = `${kind}-${left}`;
        const limit = `limit=50&window=${kind}&key=${key}`;
        const url = `${target.url}/limited?${limit}&id={id}`;
        const { rows } = await throttle(url, 70, ...options);
        const { accepted, rejected } = await stats(target.url, key);
        assert.equal(accepted, 70, kind);
        assert.equal(rows.length, accepted + rejected!, kind);
        if (rejected === 0) return;
      }
      assert.fail(`${kind} refused calls in each of three runs`);
    }),
  );
});

test("no call is sent before it is due", async () => {
  const url = `${target.url}/status/200?id={id}`;
  const { rows } = await throttle(url, 30, "--rate", "200", "--jitter", "0s");
  rows.sort((a, b) => a.wait! - b.wait!).forEach(({ wait }, index) => {
    assert.ok(wait! >= (index - 1) / 200, `call ${index} was sent at ${wait}`);
  });
});

test("of two limits the stricter one sets the pace", async () => {
  const url = `${target.url}/status/200?id={id}`;
  const options = ["--rate", "1000/1s,100/2s", "--jitter", "0s"];
  const { rows } = await throttle(url, 20, ...options);
  assert.ok(Math.max(...rows.map(({ wait }) => wait!)) >= 18 * 0.02);
});

test("a refused call is tried again in a row of its own, until the retries are used up", async () => {
  const random = randomNumbers();
  const { url, arrivals } = await startAnswering((response) => {
    if (random() < 0.5) refuse(response, "0");
  });
  const { rows, summary } = await throttle(
    url,
    60,
    "--rate",
    "500",
    "--retries",
    "2",
  );
  assert.equal(rows.length, arrivals.length);
  assert.equal(summary.attempts, arrivals.length);
  assert.equal(summary.ok + summary.failed, 60);
  assert.equal(summary.unsent, 0);
  for (let id = 1; id <= 60; id++) {
    const attempts = rows.filter((row) => row.id === String(id))
      .sort((a, b) => a.wait! - b.wait!);
    const last = attempts.at(-1)!;
    assert.ok(last.status === 200 || attempts.length === 3);
    assert.ok(attempts.slice(0, -1).every(({ status }) => status === 429));
  }
});

test("a refusal pauses all calls for as long as Retry-After says", async () => {
  const { url, arrivals } = await startAnswering((response, count) => {
    if (count === 1) refuse(response, "1");
  });
  const { summary } = await throttle(url, 5, "--rate", "1000");
  assert.equal(summary.ok, 5);
  assert.ok(arrivals[1]! - arrivals[0]! >= 1);
});

test("a Retry-After that can't be followed is said, and a second is paused", async () => {
  const headers = [undefined, "-3", "soon", "Mon, 06 May 2024 07:08:09 GMT"];
  await Promise.all(headers.map(async (header) => {
    const { url, arrivals } = await startAnswering((response, count) => {
      if (count === 1) refuse(response, header);
    });
    const { stderr, summary } = await throttle(url, 2);
    assert.equal(summary.ok, 2);
    assert.match(
      stderr,
      new RegExp(`Retry-After is ${header ?? "missing"}.*1 s`),
    );
    assert.ok(arrivals[1]! - arrivals[0]! >= 1, header);
  }));
});

test("a server that refuses for ever ends the run, with the books balanced", async () => {
  const { url, arrivals } = await startAnswering((response) => {
    refuse(response, "31536000");
  });
  const { rows, stderr, summary } = await throttle(
    url,
    50,
    "--timeout",
    "200ms",
  );
  assert.match(stderr, /Retry-After is 31536000: pausing 0.2 s/);
  assert.match(stderr, /nothing but 429 for 0.2 s/);
  assert.equal(rows.length, arrivals.length);
  assert.equal(summary.failed + summary.unsent, 50);
  assert.ok(summary.unsent > 0);
});

test("one refusal that asks for a long pause doesn't end the run", async () => {
  const { url } = await startAnswering((response, count) => {
    if (count === 1) refuse(response, "60");
  });
  const { stderr, summary } = await throttle(url, 5, "--timeout", "200ms");
  assert.match(stderr, /Retry-After is 60: pausing 0.2 s/);
  assert.deepEqual([summary.ok, summary.attempts], [5, 6]);
});

test("refusals without a pause end when the retries are used up", async () => {
  const { url, arrivals } = await startAnswering((response) => {
    refuse(response, "0");
  });
  const { summary } = await throttle(
    url,
    10,
    "--rate",
    "1000",
    "--retries",
    "3",
  );
  assert.deepEqual([summary.failed, arrivals.length], [10, 40]);
});

test("adaptive believes what the server tells", async () => {
  const url = `${target.url}/limited?limit=50&key=told&id={id}`;
  const { stderr, summary } = await throttle(url, 20, "--adaptive");
  assert.match(stderr, /found 49\.5 per second/);
  assert.deepEqual(summary.status, { 200: 20 });
});

test("adaptive grows until it is refused, and says what it found", async () => {
  const url =
    `${target.url}/limited?limit=8&window=sliding-log&headers=none&key=untold&id={id}`;
  const { stderr, summary } = await throttle(url, 12, "--adaptive");
  assert.equal(summary.ok, 12);
  assert.ok(summary.status[429] > 0);
  assert.match(stderr, /found \d+\.\d per second/);
});

test("Ctrl-C in a pause ends the run at once, with the books balanced", async () => {
  const { url, arrivals } = await startAnswering((response) => {
    refuse(response, "20");
  });
  const options = ["--url", url, "--out", temporaryFolder(), "--json"];
  const { child, ended } = spawnScript("throttle.ts", options);
  await eventually("a call", () => arrivals.length > 0);
  process.kill(child.pid!, "SIGINT");
  const { code, stdout } = await ended;
  assert.equal(code, 130);
  const { failed, unsent } = JSON.parse(stdout);
  assert.equal(failed + unsent, 50);
});

test("adaptive that meets no limit claims none", async () => {
  const url = `${target.url}/status/200?id={id}`;
  const { stderr } = await throttle(url, 3, "--adaptive");
  assert.match(stderr, /found no limit up to \d/);
});

test("what is no rate is wrong usage", async () => {
  const { code, stderr } = await runScript("throttle.ts", "--rate", "5/1");
  assert.equal(code, 2);
  assert.match(stderr, /^--rate takes .*, not "5\/1"\n$/);
});
