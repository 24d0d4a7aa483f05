/**
 * How long do calls from a queue take?
 *
 *     deno run -A scripts/consumer.ts --concurrency 100
 *     deno run -A scripts/consumer.ts --rate 100
 *
 * Makes the calls that scripts/producer.ts published to RabbitMQ and writes one
 * row per message to results/metrics_async_rabbitmq.csv. `wait` is the time from
 * publishing to sending. A message is acknowledged only when its row is on disk.
 * Any number of consumers can share a queue; give each its own --name, such as
 * async_rabbitmq/2.
 * With --rate it stays within a rate limit. A call that is still refused (429) is
 * repeated after Retry-After, or after --timeout if that is sooner; each attempt
 * is a row with the same id.
 *
 * Ends after --idle without a message, after --calls messages, on Ctrl-C once
 * open calls have finished, or when RabbitMQ is unavailable for --timeout. Messages
 * that aren't valid calls, or whose host isn't allowed, go to the dead letters.
 */
import { allowedHosts, consume } from "./consumer/mod.ts";
import { measuring } from "../lib/measure.ts";
import {
  count,
  duration,
  httpUrl,
  readOptions,
  wrong,
} from "../lib/options.ts";
import { broker } from "../lib/queue/mod.ts";
import { rates } from "./throttle/mod.ts";

const options = readOptions({
  ...measuring,
  url: httpUrl("URL for the warm-up; each message has its own"),
  calls: count(undefined, "how many messages to take (default: all)"),
  ...broker,
  concurrency: count(
    100,
    "most messages in progress (the prefetch)",
    1,
    65_535,
  ),
  idle: duration("2s", "how long to wait for another message"),
  rate: {
    ...rates("1", "calls per second, or rate limits (default: unlimited)"),
    fallback: [],
    shown: undefined,
  },
  allowHost: allowedHosts,
  jitter: duration("10ms", "network jitter to allow for"),
});
if (options.warmup > 0 && !options.url) {
  wrong("--warmup needs a --url: it doesn't call the URLs in the messages");
}

await consume(options, async ({ client, request, record, recording }) => {
  // #region schedule
  // A message is acknowledged when its row is on disk. If this consumer
  // dies before that, RabbitMQ gives the message to another one.
  record(await client.call(request, record));
  await recording.sync();
  return "acknowledge";
  // #endregion
});
