/**
 * A test server with known, repeatable delays: the request alone decides what it
 * does, and Server-Timing in each answer says how long it really took.
 *
 *     deno run --allow-net --allow-read scripts/target.ts --port 8080
 *
 * Prints its URL as its first line. Listens on loopback only, unless --host is set.
 *
 *     /?id=7          a log-normal delay that depends only on seed and id
 *     /delay/MS       a fixed delay, in milliseconds
 *     /status/CODE    that status code
 *     /bytes/N        a body of N bytes
 *     /image.jpg      a picture of 640 x 427 pixels
 *     /echo           the request's body
 *     /two-point?id=7&fast=5ms&slow=50ms&share=0.1
 *                     slow for that share of the ids, otherwise fast
 *     /single?service=2ms
 *                     serves one request at a time; key=TEXT has its own queue
 *     /stall?at=5s&for=2s&every=20s&delay=5ms
 *                     answers after the delay, but freezes from 5 s to 7 s of
 *                     every 20 s, counted from the first request; key=TEXT
 *                     has its own clock
 *     /limited?limit=100&per=1s&window=fixed
 *                     above the limit, 429 with Retry-After and RateLimit headers.
 *                     window: fixed (random phase), sliding-log,
 *                     sliding-counter, bucket, or gcra (with burst=10).
 *                     retry=date: Retry-After is a date; headers=none: no
 *                     RateLimit headers; jitter=50ms: each request arrives
 *                     up to that much later, at random; delay=100ms: how long
 *                     an accepted request takes; key=TEXT: its own limit
 *     /fault/KIND     reset, hang, truncate, garbage, slow, huge, redirect-loop
 *     /stats          the target's own counts since it started;
 *                     /stats?key=TEXT: requests accepted under that key's limits
 */
import { count, duration, option, readOptions } from "../lib/options.ts";
import { listening, serveUntilStopped, serving } from "./servers/http/mod.ts";
import { createTarget } from "./servers/target/server/mod.ts";

const options = readOptions({
  ...serving,
  seed: count(1, "random seed of delays, phases and jitter", 0),
  median: duration("60ms", "median of the delays"),
  sigma: option(
    "X",
    "standard deviation of the delays' logarithm",
    "0.5",
    readSigma,
  ),
});

const server = await createTarget(options);
await serveUntilStopped(
  options,
  (where) => listening(server, { ...where, backlog: 4096 }),
);

function readSigma(text: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  throw new RangeError("takes a number above 0");
}
