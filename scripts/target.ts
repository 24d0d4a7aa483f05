/**
 * A test server with known, repeatable delays: what it does is decided by the request alone,
 * and every answer says in Server-Timing how long it really took.
 *
 *     deno run --allow-net --allow-read scripts/target.ts --port 8080
 *
 * Its first line on stdout is its URL. Without --host it listens on loopback only.
 *
 *     /?id=7          a log-normal delay, a pure function of the seed and the id
 *     /delay/MS       a fixed delay, in milliseconds
 *     /status/CODE    that status
 *     /bytes/N        a body of N bytes
 *     /image.jpg      a picture of 640 x 427 pixels
 *     /echo           the body that was sent
 *     /two-point?id=7&fast=5ms&slow=50ms&share=0.1
 *                     slow for that share of the ids, else fast
 *     /single?service=2ms
 *                     one at a time, each from when the one before has ended;
 *                     key=TEXT is a queue of its own
 *     /stall?at=5s&for=2s&every=20s&delay=5ms
 *                     answers after the delay, but every 20 s, counted from the
 *                     first such request, nothing leaves from 5 s to 7 s;
 *                     key=TEXT is a clock of its own
 *     /limited?limit=100&per=1s&window=fixed
 *                     429 with Retry-After and the RateLimit headers above the
 *                     limit; window is fixed (of random phase), sliding-log,
 *                     sliding-counter, bucket or gcra (then also burst=10).
 *                     retry=date makes Retry-After a date, headers=none leaves
 *                     the others out, jitter=50ms delays each request at random
 *                     on its way in, delay=100ms is what one takes that is let
 *                     through, key=TEXT is a limit of its own
 *     /fault/KIND     reset, hang, truncate, garbage, slow, huge, redirect-loop
 *     /stats          what the target itself counted since its start;
 *                     /stats?key=TEXT: what it let through of that key's limits
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { ServerResponse } from "node:http";
import {
  faults,
  seededDelay,
  share,
  stallDelay,
  startLimits,
  time,
  twoPointDelay,
  whole,
} from "./servers/target/mod.ts";
import { startMetronome } from "./load/metronome/mod.ts";
import { count, duration, option, readOptions } from "../lib/options.ts";
import { listening, serveUntilStopped, serving } from "./servers/http/mod.ts";

const options = readOptions({
  ...serving,
  seed: count(1, "seed of the delays, phases and jitters", 0),
  median: duration("60ms", "median of the delays"),
  sigma: option(
    "X",
    "shape of the delays: the log's standard deviation",
    "0.5",
    readSigma,
  ),
});

/** A timer would make each delay a millisecond or two longer than its law. */
const metronome = await startMetronome();
const limits = startLimits(options.seed, metronome);

interface Answer {
  /** Seconds from the request's arrival to the answer. */
  delay?: number;
  status?: number;
  type?: string;
  body?: string | Uint8Array;
  headers?: Record<string, string>;
}

interface Asked {
  /** The second part of the path. */
  parameter: string;
  query: URLSearchParams;
  request: IncomingMessage;
  /** When the request arrived, in seconds. */
  arrived: number;
}

const MAXIMUM_BYTES = 2 ** 27;

const image = readFileSync(new URL("../assets/image.jpg", import.meta.url));

/** By the first part of the path. */
const routes: Record<string, (asked: Asked) => Answer | Promise<Answer>> = {
  "": ({ query }) => ({ delay: seededDelay(idOf(query), options) }),
  "delay": ({ parameter }) => {
    return { delay: whole(parameter, "delay", 3_600_000) / 1000 };
  },
  "status": ({ parameter }) => ({
    status: whole(parameter, "status", 599, 200),
  }),
  "bytes": ({ parameter }) => ({
    type: "application/octet-stream",
    body: Buffer.alloc(whole(parameter, "bytes", MAXIMUM_BYTES), "x"),
  }),
  "image.jpg": () => ({ type: "image/jpeg", body: image }),
  "echo": async ({ request }) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const type = request.headers["content-type"];
    return { type, body: Buffer.concat(chunks) };
  },
  "two-point": ({ query }) => {
    const delay = twoPointDelay(idOf(query), {
      fast: time(query, "fast", "5ms"),
      slow: time(query, "slow", "50ms"),
      share: share(query, "share", "0.1"),
      seed: options.seed,
    });
    return { delay };
  },
  "single": ({ query, arrived }) => {
    const service = time(query, "service", "2ms");
    const key = keyOf(query);
    const free = Math.max(freeAt.get(key) ?? 0, arrived) + service;
    freeAt.set(key, free);
    return { delay: free - arrived };
  },
  "stall": ({ query, arrived }) => {
    const stall = {
      at: time(query, "at", "5s"),
      length: time(query, "for", "2s"),
      every: time(query, "every", "20s", { aboveZero: true }),
      delay: time(query, "delay", "5ms"),
    };
    const key = keyOf(query);
    const first = firstStalls.get(key) ?? arrived;
    firstStalls.set(key, first);
    return { delay: stallDelay(arrived - first, stall) };
  },
  "limited": async ({ query }) => {
    const delay = time(query, "delay", "0s");
    const { headers, wait } = await limits.decide(query);
    if (wait === 0) return { headers, delay };
    const error = `over the limit for another ${wait.toFixed(3)} s`;
    return { ...failed(429, error), headers };
  },
};

/** When the last request that /single got will have ended, by key. */
const freeAt = new Map<string, number>();

/** When /stall was first asked, by key. */
const firstStalls = new Map<string, number>();

function idOf(query: URLSearchParams): number {
  return whole(query.get("id") ?? "0", "id", 2 ** 31 - 1);
}

function keyOf(query: URLSearchParams): string {
  return query.get("key") ?? "";
}

const inFlight = new Set<ServerResponse>();
const stats = {
  accepted: 0,
  rejected: 0,
  mostInFlight: 0,
  connections: 0,
};

async function handle(request: IncomingMessage, response: ServerResponse) {
  const arrived = performance.now() / 1000;
  const url = URL.parse(request.url!, "http://target");
  if (!url) return send(response, failed(400, "the request has no path"));
  const [, first = "", parameter = ""] = url.pathname.split("/");
  const query = url.searchParams;
  if (first === "stats") {
    const key = query.get("key");
    const counted = key === null
      ? { ...stats, inFlight: inFlight.size }
      : limits.countsOf(key);
    const body = json(counted);
    return send(response, { type: "application/json", body });
  }

  inFlight.add(response);
  stats.mostInFlight = Math.max(stats.mostInFlight, inFlight.size);
  response.once("close", () => inFlight.delete(response));
  if (first === "fault" && Object.hasOwn(faults, parameter)) {
    stats.accepted++;
    return faults[parameter]!(request, response);
  }

  const answer = await route(first, { parameter, query, request, arrived });
  const refused = first === "limited" && answer.status === 429;
  stats[refused ? "rejected" : "accepted"]++;
  if (answer.delay) await metronome.until((arrived + answer.delay) * 1000);
  // Now, and not when it is closed: the client may call again before that.
  inFlight.delete(response);
  const took = performance.now() - arrived * 1000;
  send(response, answer, { "server-timing": `app;dur=${took.toFixed(3)}` });
}

async function route(first: string, asked: Asked) {
  try {
    if (Object.hasOwn(routes, first)) return await routes[first]!(asked);
    const known = [...Object.keys(routes), "fault", "stats"].filter(Boolean)
      .join(" /");
    return failed(404, `no such path; there are: / /${known}`);
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
  { status = 200, type = "text/plain", body = "ok\n", headers }: Answer,
  timing: Record<string, string> = {},
) {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    "content-type": type,
    ...(!bodiless && { "content-length": Buffer.byteLength(body) }),
    ...headers,
    ...timing,
  });
  response.end(bodiless ? undefined : body);
}

function json(value: unknown): string {
  return JSON.stringify(value) + "\n";
}

const server = createServer(
  { noDelay: true, keepAliveTimeout: 0 },
  // A request that is cut off while it is read has nobody to answer.
  (request, response) =>
    handle(request, response).catch(() => response.destroy()),
);
server.on("connection", () => stats.connections++);

await serveUntilStopped(
  options,
  (where) => listening(server, { ...where, backlog: 4096 }),
);

function readSigma(text: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  throw new RangeError("takes a number above 0");
}
