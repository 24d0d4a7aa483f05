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
import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Broker,
  broker,
  openBroker,
  openOutbox,
  writeMessage,
} from "../lib/queue/mod.ts";
import { newTiming, startInFlight, wallClock } from "../lib/client.ts";
import { aborted, Failure, main, messageOf, onInterrupt } from "../lib/exit.ts";
import { intervalOf, rates } from "./throttle/mod.ts";
import { readOptions } from "../lib/options.ts";
import { fetchDirectly } from "./fetch/mod.ts";
import { measuring } from "../lib/measure.ts";
import { startRecording } from "../lib/recording.ts";
import { startServer } from "../lib/script.ts";

const options = readOptions({
  ...measuring,
  ...broker,
  rate: {
    ...rates("1", "messages per second (default: as fast as they go)"),
    fallback: [],
    shown: undefined,
  },
});
const { calls, timeout, warmup, rate } = options;
const style = {
  name: "producer",
  succeeded: ({ error }: { error: string }) => error === "",
};

await main(async () => {
  const { signal, dispose } = onInterrupt();
  const first = await openBroker(options);
  const target = options.url
    ? undefined
    : await startServer("target.ts", "--seed", String(options.seed));
  const template = options.url ?? `${target!.url}/?id={id}`;
  const inFlight = startInFlight();
  const interval = rate.length > 0 ? intervalOf(rate, 0) * 1000 : 0;

  try {
    const late = sleep(timeout * 1000, undefined, { signal, ref: false })
      .catch(() => {});
    await Promise.race([warmUp(first), first.lost, late]);
    if (signal.aborted) return;
    await publishAll();
    if (target && !signal.aborted) await untilServed(target.url);
  } finally {
    await first.close();
    await target?.stop();
    dispose();
  }

  async function publishAll() {
    const recording = startRecording(style, options);
    const begun = wallClock();
    const outbox = openOutbox(options, first);
    const ending = new AbortController();
    const over = AbortSignal.any([signal, ending.signal]);

    async function publish() {
      // #region schedule
      // A message is safe when RabbitMQ has confirmed it, and is kept until then.
      // It is published when it is due, unless a buffer is full: then later.
      for (let id = 1; id <= calls && await isDue(id); id++) {
        await outbox.send(message(id));
      }
      await outbox.emptied();
      // #endregion
    }

    const due = (id: number) => begun + (id - 1) * interval;

    /** Waits until it is; false if all was over before. */
    async function isDue(id: number): Promise<boolean> {
      const left = due(id) - wallClock();
      if (left > 0) {
        await sleep(left, undefined, { signal: over }).catch(() => {});
      }
      return !over.aborted;
    }

    function message(id: number) {
      const url = template.replaceAll("{id}", String(id));
      const messageId = `${recording.run}-${id}`;
      const published = wallClock();
      const message = writeMessage({ url, id: messageId, published });
      inFlight.began(published);
      function onEnd(error: unknown) {
        const confirmed = wallClock();
        inFlight.ended(confirmed);
        const timing = newTiming(url, published);
        timing.wait = Math.max(0, published - due(id)) / 1000;
        timing.elapsed = (confirmed - published) / 1000;
        timing.bytes_out = message.body.length;
        if (error) timing.error = `message: ${messageOf(error)}`;
        recording.record(timing, messageId);
      }
      return { ...message, id: messageId, onEnd };
    }

    try {
      await Promise.race([publish(), aborted(signal), outbox.gone]);
    } finally {
      ending.abort();
      await outbox.close();
      recording.end(calls, { callSeconds: inFlight.callSeconds() }, {
        messages: outbox.books(),
        outages: outbox.outages(),
      });
    }
  }

  /** To a queue that nobody reads, and that goes with this connection. */
  async function warmUp({ channel }: Broker) {
    const { queue } = await channel.assertQueue("", { exclusive: true });
    for (let sent = 0; sent < warmup; sent++) {
      channel.sendToQueue(queue, Buffer.from("{}"), { persistent: true });
    }
    await channel.waitForConfirms();
  }

  /** Until the target has answered every call, or none for a minute. */
  async function untilServed(url: string) {
    console.error(
      "the target stays up until scripts/consumer.ts has called it",
    );
    let served = 0;
    for (let idle = 0; idle < 60 && !signal.aborted; idle++) {
      const stats = await (await fetchDirectly(`${url}/stats`)).json();
      if (stats.accepted > served) idle = 0;
      served = stats.accepted;
      if (served >= calls && stats.inFlight === 0) return;
      await sleep(1000, undefined, { signal }).catch(() => {});
    }
    if (signal.aborted) return;
    throw new Failure(
      `only ${served} of ${calls} calls came; the rest are still in the queue, ` +
        "for a target that is gone now",
    );
  }
});
