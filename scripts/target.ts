/**
 * A test server with known, repeatable delays: the request alone decides what it
 * does, and each answer says in Server-Timing how long it really took.
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
import { count, duration, option, readOptions } from "../lib/options.ts";
import { listening, serveUntilStopped, serving } from "./servers/http/mod.ts";
import { createTarget } from "./servers/target/server/mod.ts";

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
