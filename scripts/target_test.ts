import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { seededDelay, uniform } from "./servers/target/delay.ts";
import {
  constant,
  evenly,
  type Law,
  single,
  stalled,
  twoPoint,
} from "./dev/testing/laws.ts";
import { startServer } from "../lib/script.ts";
import {
  eventually,
  get,
  runScript,
  spawnScript,
  stats,
} from "./dev/testing/processes.ts";

const target = await startServer("target.ts");
after(target.stop);

/** What Server-Timing says, in seconds. */
async function serverTime(url: string): Promise<number> {
  const { headers } = await get(url);
  const [, milliseconds] = /^app;dur=([\d.]+)$/.exec(
    String(headers["server-timing"]),
  )!;
  return Number(milliseconds) / 1000;
}

/** Works on a new target; calls that hang are cut when it stops. */
async function onFresh(
  options: string[],
  work: (fresh: {
    url: string;
    inFlight: () => Promise<number>;
    hang: (path: string) => Promise<unknown>;
  }) => Promise<void>,
) {
  const { url, stop } = await startServer("target.ts", ...options);
  const inFlight = async () => (await stats(url)).inFlight!;
  const hang = (path: string) => get(url + path).catch(() => "cut");
  await work({ url, inFlight, hang }).finally(stop);
}

test("every path in the help exists", async () => {
  const source = fs.readFileSync(new URL("target.ts", import.meta.url), "utf8");
  const paths = [...source.matchAll(/^ \* {5}(\/\S*)/gm)]
    .map(([, path]) => path!.replace("MS", "1").replace("CODE", "201"))
    .map((path) => path.replace("/N", "/3").replace("KIND", "reset"));
  assert.ok(paths.length >= 9, paths.join(" "));
  for (const path of paths.filter((path) => path !== "/fault/reset")) {
    const { status, body } = await get(target.url + path);
    assert.ok([200, 201].includes(status!), `${path}: ${status} ${body}`);
  }
});

test("an answer to /?id takes at least its seeded delay", async () => {
  await Promise.all([1, 2, 3, 7, 50].map(async (id) => {
    const time = await serverTime(`${target.url}/?id=${id}`);
    assert.ok(time >= seededDelay(id), `${id} took ${time}`);
  }));
});

test("seed, median and sigma decide the delays", async () => {
  const given = ["--seed", "42", "--median", "200ms", "--sigma", "0.01"];
  const options = { seed: 42, median: 0.2, sigma: 0.01 };
  await onFresh(given, async ({ url }) => {
    await Promise.all([1, 2, 3].map(async (id) => {
      const time = await serverTime(`${url}/?id=${id}`);
      assert.ok(time >= seededDelay(id, options), `${id} took ${time}`);
    }));
  });
});

test("a delay is never shorter than asked for", async () => {
  await Promise.all([0, 1, 2, 5, 10, 20, 30, 50].map(async (delay) => {
    const time = await serverTime(`${target.url}/delay/${delay}`);
    assert.ok(time >= delay / 1000, `${delay} ms took ${time} s`);
  }));
});

test("an answer leaves in one write", async () => {
  const socket = net.connect(Number(new URL(target.url).port), "127.0.0.1");
  const chunks: string[] = [];
  socket.on("data", (chunk) => chunks.push(String(chunk)));
  for (const path of ["/?id=1", "/delay/0", "/stats", "/status/404"]) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await once(socket, "data");
    const [, length, body] = /length: (\d+)\r\n[^]*?\r\n\r\n([^]*)/i.exec(
      chunks.join(""),
    )!;
    assert.equal(body!.length, Number(length), path);
    assert.equal(chunks.length, 1, path);
    chunks.length = 0;
  }
  socket.destroy();
});

test("/status answers with any status", async () => {
  for (const code of [200, 204, 304, 404, 429, 503, 599]) {
    assert.equal((await get(`${target.url}/status/${code}`)).status, code);
  }
});

test("/bytes answers with that many bytes", async () => {
  for (const count of [0, 1, 70_000]) {
    const { headers, body } = await get(`${target.url}/bytes/${count}`);
    assert.equal(body.length, count);
    assert.equal(headers["content-length"], String(count));
  }
});

test("/image.jpg is the picture", async () => {
  const { headers, body } = await get(`${target.url}/image.jpg`);
  const file = new URL("../assets/image.jpg", import.meta.url);
  assert.equal(headers["content-type"], "image/jpeg");
  assert.deepEqual(body, fs.readFileSync(file));
});

test("/echo answers with what was sent", async () => {
  const headers = { "content-type": "text/x-own" };
  const body = "é".repeat(100_000);
  const echoed = await get(`${target.url}/echo`, {
    method: "POST",
    headers,
    body,
  });
  assert.equal(String(echoed.body), body);
  assert.equal(echoed.headers["content-type"], "text/x-own");
});

test("an invalid parameter is a 400 with the rule", async () => {
  const wrong = [
    "/?id=x",
    "/?id=-1",
    "/?id=1.5",
    "/?id=",
    "/?id=99999999999",
    "/delay/",
    "/delay/soon",
    "/status/99",
    "/status/600",
    "/bytes/1e9",
    "/bytes/999999999999",
    "/stall?at=soon",
    "/stall?for=5",
    "/two-point?id=x",
    "/two-point?fast=5",
    "/two-point?slow=soon",
    "/two-point?share=",
    "/two-point?share=1.1",
    "/two-point?share=-0.1",
    "/two-point?share=half",
    "/single?service=2",
  ];
  for (const path of wrong) {
    const { status, headers, body } = await get(target.url + path);
    assert.equal(status, 400, path);
    assert.equal(headers["content-type"], "application/json");
    assert.match(JSON.parse(String(body)).error, /(must be|takes) a /);
  }
});

test("an unknown path is a 404 that lists the known ones", async () => {
  for (
    const path of [
      "/nosuch",
      "/fault/nosuch",
      "/constructor",
      "/fault/toString",
    ]
  ) {
    const { status, body } = await get(target.url + path);
    assert.equal(status, 404, path);
    assert.match(JSON.parse(String(body)).error, /\/delay .*\/fault \/stats/);
  }
});

test("the target survives invalid request targets", async () => {
  const socket = net.connect(Number(new URL(target.url).port), "127.0.0.1");
  for (const path of ["//", "http://", "*", "/%", "/?id=%"]) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  }
  await once(socket, "data");
  socket.destroy();
  assert.equal((await get(target.url)).status, 200);
});

test("the target survives an upload that breaks off", async () => {
  const before = await stats(target.url);
  const socket = net.connect(Number(new URL(target.url).port), "127.0.0.1");
  socket.write(
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
  );
  await eventually(
    "the upload",
    async () => (await stats(target.url)).inFlight! > before.inFlight!,
  );
  socket.resetAndDestroy();
  await eventually(
    "its end",
    async () => (await stats(target.url)).inFlight === before.inFlight,
  );
  assert.equal((await get(`${target.url}/status/200`)).status, 200);
});

test("/stats counts what was accepted, in flight, and connections", async () => {
  await onFresh([], async ({ url, inFlight }) => {
    const answers = Array.from({ length: 5 }, () => get(`${url}/delay/300`));
    await eventually("five", async () => await inFlight() === 5);
    await Promise.all(answers);
    await eventually("none", async () => await inFlight() === 0);
    const { connections, ...counted } = await stats(url);
    const none = { rejected: 0, inFlight: 0 };
    assert.deepEqual(counted, { accepted: 5, mostInFlight: 5, ...none });
    assert.ok(connections! >= 5 + 3);
  });
});

test("/stall holds what falls into its window until the thaw", async () => {
  await onFresh([], async ({ url, inFlight }) => {
    const stall = "/stall?at=0s&for=400ms&every=1h&delay=1ms";
    const order: string[] = [];
    const ask = async (name: string, path = stall) => {
      const time = await serverTime(url + path);
      order.push(name);
      return time;
    };
    const first = ask("frozen");
    await eventually("the first", async () => await inFlight() === 1);
    await ask("elsewhere", "/delay/0");
    // The window is counted from the first request.
    assert.ok(await first >= 0.4);
    assert.deepEqual(order, ["elsewhere", "frozen"]);
    // The next window is an hour away, so this ends only if it isn't held.
    assert.ok(await ask("thawed") >= 0.001);
  });
});

test("/stall has a clock for each key", async () => {
  const stall = `${target.url}/stall?at=0s&for=300ms&every=1h&delay=1ms`;
  for (const key of ["one", "another"]) {
    assert.ok(await serverTime(`${stall}&key=${key}`) >= 0.3, key);
  }
});

test("/two-point is slow for the ids of its law", async () => {
  await onFresh(["--seed", "7"], async ({ hang, inFlight }) => {
    const server = { fast: 0, slow: 3600, share: 0.4, seed: 7 };
    const times = twoPoint(server)(evenly({ calls: 40, rate: 1 }));
    const fast = times.flatMap((time, index) => time > 0 ? [] : [index + 1]);
    const answered: number[] = [];
    for (const [index] of times.entries()) {
      const id = index + 1;
      hang(`/two-point?fast=0s&slow=1h&share=0.4&id=${id}`).then((answer) =>
        answer !== "cut" && answered.push(id)
      );
    }
    await eventually("the fast", () => answered.length >= fast.length);
    const slow = 40 - fast.length;
    await eventually("the slow", async () => await inFlight() === slow);
    assert.deepEqual(answered.sort((a, b) => a - b), fast);
  });
});

test("/single queues the requests of each key separately", async () => {
  await onFresh([], async ({ url, hang, inFlight }) => {
    hang("/single?key=one&service=1h");
    await eventually("the first", async () => await inFlight() === 1);
    hang("/single?key=one&service=0s");
    await eventually("the second", async () => await inFlight() === 2);
    assert.ok(await serverTime(`${url}/single?service=3ms`) >= 0.003);
    assert.ok(await serverTime(`${url}/single?key=other`) >= 0.002);
    assert.equal(await inFlight(), 2);
  });
});

const laws: [path: string, law: Law][] = [
  ["/delay/20", constant(0.02)],
  [
    "/two-point?fast=5ms&slow=60ms&share=0.4",
    twoPoint({ fast: 0.005, slow: 0.06, share: 0.4, seed: 1 }),
  ],
  ["/single?service=15ms", single(0.015)],
  ["/single?service=5ms", single(0.005)],
  [
    "/stall?at=0s&for=150ms&every=1h&delay=2ms",
    stalled({ at: 0, length: 0.15, every: 3600, delay: 0.002 }),
  ],
];

for (const [path, law] of laws) {
  test(`an open-loop client of ${path} sees its law, or more`, async () => {
    const dues = evenly({ calls: 25, rate: 100 });
    const url = new URL(path, target.url);
    url.searchParams.set("key", path);
    const begun = performance.now();
    const now = () => (performance.now() - begun) / 1000;
    const ends = await Promise.all(dues.map(async (due, index) => {
      while (now() < due) await sleep(Math.max(1, (due - now()) * 1000));
      await get(`${url}&id=${index + 1}`);
      return now();
    }));
    // In order of time: calls that are sent late may overtake one another.
    const least = law(dues).map((time, index) => dues[index]! + time);
    least.sort((a, b) => a - b);
    ends.sort((a, b) => a - b).forEach((end, index) => {
      assert.ok(end >= least[index]! - 1e-6, `${end} of ${least[index]}`);
    });
  });
}

const windows = ["fixed", "sliding-log", "sliding-counter", "bucket", "gcra"];
// Long enough for the tests: what is refused stays refused.
const hourly = (window: string, key: string) =>
  `${target.url}/limited?limit=30&per=1h&burst=30&window=${window}&key=${key}`;

test("/limited accepts the limit and refuses the rest with 429", async () => {
  for (const window of windows) {
    const url = hourly(window, `rest-${window}`);
    const before = await stats(target.url);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, id) => get(`${url}&id=${id}`)),
    );
    const accepted = answers.filter(({ status }) => status === 200);
    const rejected = answers.filter(({ status }) => status === 429);
    assert.deepEqual([accepted.length, rejected.length], [30, 20], window);
    for (const { headers } of answers) {
      assert.match(String(headers["server-timing"]), /^app;dur=[\d.]+$/);
    }
    for (const { body } of accepted) assert.equal(String(body), "ok\n");
    for (const { body, headers } of rejected) {
      assert.equal(headers["content-type"], "application/json");
      assert.match(JSON.parse(String(body)).error, /^over the limit/);
    }
    const after = await stats(target.url);
    assert.equal(after.accepted! - before.accepted!, 30);
    assert.equal(after.rejected! - before.rejected!, 20);
  }
});

test("/limited accepts again after Retry-After", async () => {
  await Promise.all(windows.map(async (window) => {
    const url = `${target.url}/limited?limit=1&per=500ms&window=${window}`;
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => get(url)));
    const { headers } = answers.find(({ status }) => status === 429)!;
    await sleep(Number(headers["retry-after"]) * 1000);
    assert.equal((await get(url)).status, 200, window);
  }));
});

test("/stats?key counts the accepted requests of a key, and their times", async () => {
  const about = async (key: string) =>
    JSON.parse(String((await get(`${target.url}/stats?key=${key}`)).body));
  const none = { accepted: 0, rejected: 0, first: null, last: null };
  assert.deepEqual(await about("one"), none);
  await get(hourly("bucket", "one"));
  const { first, ...once } = await about("one");
  assert.deepEqual(once, { accepted: 1, rejected: 0, last: first });
  for (let call = 0; call < 29; call++) await get(hourly("bucket", "one"));
  const { last, ...full } = await about("one");
  assert.deepEqual(full, { accepted: 30, rejected: 0, first });
  assert.ok(last > first, `${first} to ${last}`);
  await get(hourly("bucket", "one"));
  // Refused requests leave the times as they were.
  assert.deepEqual(await about("one"), { ...full, last, rejected: 1 });
  assert.deepEqual(await about("another"), none);
  await get(hourly("gcra", "one"));
  assert.equal((await about("one")).accepted, 31);
});

test("/limited sends the draft's RateLimit headers, unless headers=none", async () => {
  for (const window of windows) {
    const url = hourly(window, `headers-${window}`);
    for (let left = 29; left >= -1; left--) {
      const { status, headers } = await get(url);
      assert.equal(status, left < 0 ? 429 : 200);
      assert.equal(headers["ratelimit-policy"], `"default";q=30;w=3600`);
      const [, remaining, seconds] = /^"default";r=(\d+);t=(\d+)$/.exec(
        String(headers.ratelimit),
      )!;
      assert.equal(Number(remaining), Math.max(0, left), window);
      assert.ok(Number(seconds) <= 3600, `${window}: ${seconds}`);
      assert.equal(headers["retry-after"], left < 0 ? seconds : undefined);
    }
    const { headers } = await get(`${url}&headers=none`);
    const names = Object.keys(headers).filter((name) => /limit/.test(name));
    assert.deepEqual(names, []);
    assert.match(headers["retry-after"]!, /^\d+$/);
  }
});

test("/limited's Retry-After can be an HTTP date", async () => {
  const lone = `${target.url}/limited?limit=1&per=1h&window=bucket&retry=date`;
  const asked = Date.now();
  assert.equal((await get(lone)).status, 200);
  const date = (await get(lone)).headers["retry-after"]!;
  assert.match(date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  const seconds = (Date.parse(date) - asked) / 1000;
  assert.ok(seconds >= 3600 && Date.parse(date) <= Date.now() + 3_601_000);
});

test("/limited delays requests by the jitter", async () => {
  await onFresh(["--seed", "7"], async ({ url }) => {
    const times: number[] = [];
    for (let request = 0; request < 20; request++) {
      times.push(await serverTime(`${url}/limited?jitter=50ms`));
      const least = uniform(7, request) * 0.05;
      // Server-Timing is rounded to a microsecond.
      assert.ok(times.at(-1)! >= least - 1e-6, `${times} of ${least}`);
    }
    assert.ok(Math.min(...times) < 0.05, times.join(" "));
  });
});

test("/limited delays only accepted requests", async () => {
  const url = `${target.url}/limited?limit=1&per=1h&delay=300ms&key=slow`;
  assert.ok(await serverTime(url) >= 0.3 - 1e-6);
  const { status, headers } = await get(url);
  assert.equal(status, 429);
  const [, milliseconds] = /dur=([\d.]+)/.exec(`${headers["server-timing"]}`)!;
  assert.ok(Number(milliseconds) < 300);
});

test("an invalid parameter of /limited is a 400 with its name and rule", async () => {
  const wrong = {
    "limit=0": /^limit must be a whole number from 1 to 100000, not "0"$/,
    "limit=-5": /^limit must be a whole number/,
    "limit=1.5": /^limit must be/,
    "limit=": /^limit must be/,
    "per=x":
      /^per takes a time above 0 and below 24 days, such as .*, not "x"$/,
    "per=0s": /^per takes a time above 0/,
    "per=1": /^per takes a time above 0/,
    "window=foo": /^window must be one of fixed, .*, gcra, not "foo"$/,
    "window=constructor": /^window must be one of/,
    "burst=0": /^burst must be a whole number/,
    "retry=x": /^retry must be one of seconds, date, not "x"$/,
    "headers=x": /^headers must be one of ietf, none, not "x"$/,
    "delay=x": /^delay takes a time below 24 days, such as .*, not "x"$/,
    "jitter=-1": /^jitter takes a time below 24 days, such as .*, not "-1"$/,
  };
  for (const [query, rule] of Object.entries(wrong)) {
    const url = `${target.url}/limited?key=wrong&${query}`;
    const { status, headers, body } = await get(url);
    assert.equal(status, 400, query);
    assert.equal(headers["content-type"], "application/json");
    assert.match(JSON.parse(String(body)).error, rule);
  }
  const { body } = await get(`${target.url}/stats?key=wrong`);
  assert.equal(JSON.parse(String(body)).accepted, 0);
});

/** Starts a target directly, and waits for its first line. */
async function startTarget(...options: string[]) {
  const { child, ended } = spawnScript("target.ts", options);
  const [line] = await once(child.stdout!, "data");
  return { child, ended, url: String(line).trim() };
}

test("the target prints its URL as its first line", async () => {
  const { child, ended, url } = await startTarget("--port", "0");
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await get(url)).status, 200);
  process.kill(child.pid!, "SIGTERM");
  const { code, stderr } = await ended;
  assert.deepEqual([code, stderr], [0, ""]);
});

test("--until-eof ends the target, even with open calls", async () => {
  const { child, ended, url } = await startTarget("--port=0", "--until-eof");
  const call = get(`${url}/delay/60000`).catch(() => "cut");
  await eventually("a call", async () => (await stats(url)).inFlight === 1);
  child.stdin!.end();
  assert.equal((await ended).code, 0);
  assert.equal(await call, "cut");
});

test("a port in use is wrong usage", async () => {
  const { port } = new URL(target.url);
  const options = ["--port", port, "--until-eof"];
  const { code, stderr } = await runScript("target.ts", ...options);
  assert.equal(code, 2);
  assert.match(stderr, RegExp(`^--port ${port} is in use`));
  assert.doesNotMatch(stderr, /^\s+at /m);
});
