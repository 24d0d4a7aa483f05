/**
 * How long does it take to queue N calls?
 *
 *     deno run -A scripts/producer.ts --calls 50
 *     deno run -A scripts/producer.ts --calls 1000 --rate 100
 *
 * Publishes the calls to RabbitMQ, for scripts/consumer.ts to make, and writes
 * results/metrics_producer.csv, a row for each message: `wait` is from being due,
 * at once or by the --rate, until it was published, `elapsed` from then until
 * RabbitMQ confirmed it. What isn't confirmed when the connection is lost is
 * published again on the next one; RabbitMQ may be away, or confirm nothing, for
 * as long as --timeout.
 *
 * Without --url the messages name an embedded target, which stays up until the
 * consumer has called it.
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
    ...rates("1", "messages per second (default: as fast as they go)"),
    fallback: [],
    shown: undefined,
  },
});

await produce(options, async ({ calls, isDue, outbox, message }) => {
  // #region schedule
  // A message is safe when RabbitMQ has confirmed it, and is kept until then.
  // It is published when it is due, unless a buffer is full: then later.
  for (let id = 1; id <= calls && await isDue(id); id++) {
    await outbox.send(message(id));
  }
  await outbox.emptied();
  // #endregion
});
