/**
 * How long do calls from a queue take?
 *
 *     deno run -A scripts/consumer.ts --concurrency 100
 *     deno run -A scripts/consumer.ts --rate 100
 *
 * Takes the calls that scripts/producer.ts published from RabbitMQ and writes
 * results/metrics_async_rabbitmq.csv, a row for each message: `wait` is from
 * being published until the call was sent. A message is acknowledged when its
 * row is on the disk, and not before. Any number of consumers may share a queue,
 * each with a --name of its own, such as async_rabbitmq/2.
 * With --rate it keeps to the limit of what it calls, and calls again what is
 * refused (429) all the same, in another row of the same id, after as long as
 * Retry-After says, but --timeout at most.
 *
 * Ends after --idle without a message, after --calls of them, or on Ctrl-C, when
 * the calls in flight have ended; and when RabbitMQ is away for --timeout. What is
 * not a call, or not to a host that is allowed, goes to the dead letters.
 */
import { allowedHosts, consume } from "./consumer/mod.ts";
import { measuring } from "../lib/measure.ts";
import { count, duration, httpUrl, readOptions } from "../lib/options.ts";
import { wrong } from "../lib/options.ts";
import { broker } from "../lib/queue/mod.ts";
import { rates } from "./throttle/mod.ts";

const options = readOptions({
  ...measuring,
  url: httpUrl("what the warm-up calls; every message names its own"),
  calls: count(undefined, "how many messages to take (default: all)"),
  ...broker,
  concurrency: count(100, "messages in work, at most: the prefetch", 1, 65_535),
  idle: duration("2s", "how long to wait for another message"),
  rate: {
    ...rates("1", "calls per second, or the limits to keep to (default: none)"),
    fallback: [],
    shown: undefined,
  },
  allowHost: allowedHosts,
  jitter: duration("10ms", "network jitter to allow for"),
});
if (options.warmup > 0 && !options.url) {
  wrong("--warmup needs a --url to call, since every message names its own");
}

await consume(options, async ({ request, inTurn, record, recording }) => {
  // #region schedule
  // A message is acknowledged when its row is on the disk: whoever dies
  // before that leaves it to another consumer.
  record(await inTurn.call(request, record));
  await recording.sync();
  return "acknowledge";
  // #endregion
});
