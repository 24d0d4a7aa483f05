/**
 * A server whose truth is known: what it does is decided by the request alone,
 * and every answer says in Server-Timing how long it really took.
 *
 *     deno run --allow-net --allow-read scripts/target.ts --port 8080
 *
 * Its first line on stdout is its URL. It listens on loopback only.
 *
 *     /?id=7          a log-normal delay, a pure function of the seed and the id
 *     /delay/MS       a fixed delay, in milliseconds
 *     /status/CODE    that status
 *     /bytes/N        a body of N bytes
 *     /image.jpg      a picture of 640 x 427 pixels
 *     /echo           the body that was sent
 *     /stall?at=5s&for=2s&every=20s&delay=5ms
 *                     answers after the delay, but every 20 s, counted from the
 *                     first such request, nothing leaves from 5 s to 7 s
 *     /fault/KIND     reset, hang, truncate, garbage, slow, huge, redirect-loop
 *     /stats          what the target itself counted since its start
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { seededDelay } from "../lib/delay.ts";
import { count, duration, flag } from "../lib/options.ts";
import { positive, readOptions, wrong } from "../lib/options.ts";

const options = readOptions({
  port: count(8080, "the port to listen on; 0 is any free one", 0, 65_535),
  seed: count(1, "seed of the delays", 0),
  median: duration("60ms", "median of the delays"),
  sigma: positive(0.5, "shape of the delays: the log's standard deviation"),
  untilEof: flag("end when standard input does, as a script's child"),
});

interface Answer {
  /** Seconds from the request's arrival to the answer. */
  delay?: number;
  status?: number;
  type?: string;
  body?: string | Uint8Array;
}

type Route = (
  parameter: string,
  url: URL,
  request: IncomingMessage,
) => Answer | Promise<Answer>;

const MAXIMUM_BYTES = 2 ** 27;

const image = readFileSync(new URL("../assets/image.jpg", import.meta.url));

/** By the first part of the path; the second one is the parameter. */
const routes: Record<string, Route> = {
  "": (_, url) => {
    const id = whole(url.searchParams.get("id") ?? "0", "id", 2 ** 31 - 1);
    return { delay: seededDelay(id, options) };
  },
  "delay": (text) => ({ delay: whole(text, "delay", 3_600_000) / 1000 }),
  "status": (text) => ({ status: whole(text, "status", 599, 200) }),
  "bytes": (text) => ({
    type: "application/octet-stream",
    body: Buffer.alloc(whole(text, "bytes", MAXIMUM_BYTES), "x"),
  }),
  "image.jpg": () => ({ type: "image/jpeg", body: image }),
  "echo": async (_, __, request) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const type = request.headers["content-type"];
    return { type, body: Buffer.concat(chunks) };
  },
  "stall": (_, url) => {
    const time = (name: string, fallback: string) =>
      duration(fallback, "").parse([url.searchParams.get(name) ?? fallback]);
    const begun = firstStall ??= performance.now();
    const phase = (performance.now() - begun) / 1000 % time("every", "20s");
    const thaw = time("at", "5s") + time("for", "2s");
    const answers = phase + time("delay", "5ms");
    const frozen = answers >= time("at", "5s") && answers < thaw;
    return { delay: (frozen ? thaw : answers) - phase };
  },
};
let firstStall: number | undefined;

/** One for each thing that goes wrong on a network. */
const faults: Record<
  string,
  (request: IncomingMessage, response: ServerResponse) => void
> = {
  "reset": ({ socket }) => socket.resetAndDestroy(),
  "hang": () => {},
  "truncate": ({ socket }, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write("x".repeat(500), () => socket.end());
  },
  "garbage": ({ socket }) => socket.end("This is not HTTP\r\n\r\n"),
  "slow": (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    Readable.from(drip()).pipe(response);
  },
  "huge": (_, response) => {
    response.writeHead(200, { "content-length": 2 ** 34 });
    Readable.from(flood()).pipe(response);
  },
  "redirect-loop": ({ url }, response) => {
    response.writeHead(302, { location: url, "content-length": 0 }).end();
  },
};

async function* drip() {
  for (let byte = 0; byte < 100; byte++) {
    yield "x";
    await sleep(100);
  }
}

function* flood() {
  const chunk = Buffer.alloc(2 ** 16, "x");
  for (let sent = 0; sent < 2 ** 34; sent += chunk.length) yield chunk;
}

const inFlight = new Set<ServerResponse>();
const stats = {
  accepted: 0,
  rejected: 0,
  mostInFlight: 0,
  connections: 0,
};

async function handle(request: IncomingMessage, response: ServerResponse) {
  const arrived = performance.now();
  const url = URL.parse(request.url!, "http://target");
  if (!url) return send(response, failed(400, "the request has no path"));
  const [, first = "", parameter = ""] = url.pathname.split("/");
  if (first === "stats") {
    const body = json({ ...stats, inFlight: inFlight.size });
    return send(response, { type: "application/json", body });
  }

  stats.accepted++;
  inFlight.add(response);
  stats.mostInFlight = Math.max(stats.mostInFlight, inFlight.size);
  response.once("close", () => inFlight.delete(response));
  if (first === "fault" && Object.hasOwn(faults, parameter)) {
    return faults[parameter]!(request, response);
  }

  const answer = await route(first, parameter, url, request);
  const took = () => performance.now() - arrived;
  const delay = (answer.delay ?? 0) * 1000;
  // Timers fire up to a millisecond early.
  while (took() < delay) await sleep(Math.max(1, delay - took()));
  // Now, and not when it is closed: the client may call again before that.
  inFlight.delete(response);
  send(response, answer, { "server-timing": `app;dur=${took().toFixed(3)}` });
}

async function route(first: string, ...rest: Parameters<Route>) {
  try {
    if (Object.hasOwn(routes, first)) return await routes[first]!(...rest);
    const known = [...Object.keys(routes), "fault", "stats"].join(" /");
    return failed(404, `no such path; there are: ${known}`);
  } catch (error) {
    if (error instanceof RangeError) return failed(400, error.message);
    throw error;
  }
}

function failed(status: number, error: string): Answer {
  return { status, type: "application/json", body: json({ error }) };
}

/** Headers and body leave in one write: two would wait for a delayed ack. */
function send(
  response: ServerResponse,
  { status = 200, type = "text/plain", body = "ok\n" }: Answer,
  headers: Record<string, string> = {},
) {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    "content-type": type,
    ...(!bodiless && { "content-length": Buffer.byteLength(body) }),
    ...headers,
  });
  response.end(bodiless ? undefined : body);
}

function json(value: unknown): string {
  return JSON.stringify(value) + "\n";
}

function whole(text: string, name: string, most: number, least = 0): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  const rule = `a whole number from ${least} to ${most}`;
  throw new RangeError(`${name} must be ${rule}, not "${text}"`);
}

const server = createServer({ noDelay: true, keepAliveTimeout: 0 }, handle);
server.on("connection", () => stats.connections++);
server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EADDRINUSE") throw error;
  wrong(`--port ${options.port} is taken; --port 0 takes any free one`);
});
server.listen({ port: options.port, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

function stop() {
  server.close();
  server.closeAllConnections();
  process.exit();
}

process.on("SIGTERM", stop);
// A terminal's Ctrl-C reaches the whole group, but the script that started this
// one still has calls in flight.
process.on("SIGINT", options.untilEof ? () => {} : stop);
if (options.untilEof) process.stdin.resume().on("end", stop);
