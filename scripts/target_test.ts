import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import test, { after } from "node:test";
import { seededDelay } from "../lib/delay.ts";
import { startServer } from "../lib/script.ts";
import { eventually, get, runScript } from "../lib/testing.ts";
import { spawnScript, stats } from "../lib/testing.ts";

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

test("every path of the header comment is there", async () => {
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
  const other = await startServer(
    "target.ts",
    ...["--seed", "42", "--median", "200ms", "--sigma", "0.01"],
  );
  const options = { seed: 42, median: 0.2, sigma: 0.01 };
  await Promise.all([1, 2, 3].map(async (id) => {
    const time = await serverTime(`${other.url}/?id=${id}`);
    assert.ok(time >= seededDelay(id, options), `${id} took ${time}`);
  }));
  await other.stop();
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

test("/bytes answers with so many bytes", async () => {
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

test("what a path can't mean is a 400 that says the rule", async () => {
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

test("a request target that is no path doesn't end the target", async () => {
  const socket = net.connect(Number(new URL(target.url).port), "127.0.0.1");
  for (const path of ["//", "http://", "*", "/%", "/?id=%"]) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  }
  await once(socket, "data");
  socket.destroy();
  assert.equal((await get(target.url)).status, 200);
});

test("/stats counts what was accepted, in flight, and connections", async () => {
  const fresh = await startServer("target.ts");
  const url = `${fresh.url}/delay/300`;
  const answers = Array.from({ length: 5 }, () => get(url));
  await eventually(
    "five in flight",
    async () => (await stats(fresh.url)).inFlight === 5,
  );
  await Promise.all(answers);
  await eventually(
    "none in flight",
    async () => (await stats(fresh.url)).inFlight === 0,
  );
  const { connections, ...counted } = await stats(fresh.url);
  assert.deepEqual(counted, {
    accepted: 5,
    rejected: 0,
    inFlight: 0,
    mostInFlight: 5,
  });
  assert.ok(connections! >= 5 + 3);
  await fresh.stop();
});

test("/stall holds what falls into its window until the thaw", async () => {
  const fresh = await startServer("target.ts");
  const stall = `${fresh.url}/stall?at=0s&for=400ms&every=1h&delay=1ms`;
  const order: string[] = [];
  const ask = async (name: string, url = stall) => {
    const time = await serverTime(url);
    order.push(name);
    return time;
  };
  const first = ask("frozen");
  await eventually(
    "the first in flight",
    async () => (await stats(fresh.url)).inFlight === 1,
  );
  await ask("elsewhere", `${fresh.url}/delay/0`);
  // The window is counted from the first request.
  assert.ok(await first >= 0.4);
  assert.deepEqual(order, ["elsewhere", "frozen"]);
  // The next window is an hour away; that this ends shows that it is not held.
  assert.ok(await ask("thawed") >= 0.001);
  await fresh.stop();
});

test("/stall answers after its delay outside of the window", async () => {
  const fresh = await startServer("target.ts");
  const stall = `${fresh.url}/stall?at=30m&for=1m&every=1h&delay=20ms`;
  assert.ok(await serverTime(stall) >= 0.02);
  await fresh.stop();
});

/** Starts a target by hand and waits for its first line. */
async function startTarget(...options: string[]) {
  const { child, ended } = spawnScript("target.ts", options);
  const [line] = await once(child.stdout!, "data");
  return { child, ended, url: String(line).trim() };
}

test("its URL is its first line", async () => {
  const { child, ended, url } = await startTarget("--port", "0");
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await get(url)).status, 200);
  process.kill(child.pid!, "SIGTERM");
  const { code, stderr } = await ended;
  assert.deepEqual([code, stderr], [0, ""]);
});

test("it ends with its standard input, calls in flight or not", async () => {
  const { child, ended, url } = await startTarget("--port=0", "--until-eof");
  const call = get(`${url}/delay/60000`).catch(() => "cut");
  await eventually("a call", async () => (await stats(url)).inFlight === 1);
  child.stdin!.end();
  assert.equal((await ended).code, 0);
  assert.equal(await call, "cut");
});

test("a port that is taken is wrong usage", async () => {
  const { port } = new URL(target.url);
  const options = ["--port", port, "--until-eof"];
  const { code, stderr } = await runScript("target.ts", ...options);
  assert.equal(code, 2);
  assert.match(stderr, RegExp(`^--port ${port} is taken`));
  assert.doesNotMatch(stderr, /^\s+at /m);
});
