/**
 * How long does it take to queue N calls?
 *
 *     deno run -A scripts/producer.ts --calls 50
 *     deno run -A scripts/producer.ts --calls 1000 --rate 100
 *
 * Publishes calls to RabbitMQ for scripts/consumer.ts and writes one row per
 * message to results/metrics_producer.csv. `wait` is how late the message was
 * published, compared with --rate or with the start; `elapsed` is the time from
 * publishing to RabbitMQ's confirm. If the connection is lost, it reconnects and
 * publishes unconfirmed messages again. It gives up when RabbitMQ is unavailable,
 * or confirms nothing, for --timeout.
 *
 * Without --url, the messages name an embedded target, which keeps running until
 * the consumer has called it.
 */
import { measuring } from "../lib/measure.ts";
import { readOptions } from "../lib/options.ts";
import { broker } from "../lib/queue/mod.ts";
import { produce } from "./producer/mod.ts";
import { rates } from "./throttle/mod.ts";

const options = readOptions({
  ...measuring,
  ...broker,
  rate: {
    ...rates("1", "messages per second (default: as fast as possible)"),
    fallback: [],
    shown: undefined,
  },
});

await produce(options, async ({ calls, isDue, outbox, message }) => {
  // #region schedule
  // Each message is kept until RabbitMQ has confirmed it. It is published when
  // it is due, or as soon as the socket's buffer has room.
  for (let id = 1; id <= calls && await isDue(id); id++) {
    await outbox.send(message(id));
  }
  await outbox.emptied();
  // #endregion
});
