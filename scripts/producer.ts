/**
 * How long does it take to hand N calls to a queue?
 *
 *     deno run -A scripts/producer.ts --calls 50
 *
 * Publishes the calls to RabbitMQ, for scripts/consumer.ts to make, and writes
 * results/metrics_producer.csv, a row for each message: `wait` is from the start
 * until it was published, `elapsed` from then until RabbitMQ confirmed it.
 *
 * Without --url the messages name an embedded target, which stays up until the
 * consumer has called it.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { broker, openBroker } from "../lib/broker.ts";
import { newTiming, wallClock } from "../lib/call.ts";
import { Failure, main, messageOf } from "../lib/failure.ts";
import { startInFlight } from "../lib/in_flight.ts";
import { aborted, onInterrupt } from "../lib/interrupt.ts";
import { measuring } from "../lib/measure.ts";
import { writeMessage } from "../lib/message.ts";
import { readOptions } from "../lib/options.ts";
import { type Recording, startRecording } from "../lib/recording.ts";
import { isConfirmed } from "../lib/rows.ts";
import { startServer } from "../lib/script.ts";

const options = readOptions({ ...measuring, ...broker });
const { queue, calls, timeout, warmup } = options;
const style = { name: "producer", succeeded: isConfirmed };

await main(async () => {
  const { signal, dispose } = onInterrupt();
  const { channel, lost, close } = await openBroker(options);
  const target = options.url
    ? undefined
    : await startServer("target.ts", "--seed", String(options.seed));
  const template = options.url ?? `${target!.url}/?id={id}`;
  const stalled = Promise.withResolvers<never>();
  const stall = setTimeout(() => {
    const message = `RabbitMQ has confirmed nothing for ${timeout} s`;
    stalled.reject(new Failure(message));
  }, timeout * 1000);
  const trouble = [aborted(signal), lost, stalled.promise];
  const inFlight = startInFlight();
  let recording: Recording;
  let begun: number;

  try {
    await Promise.race([warmUp(), ...trouble]);
    if (signal.aborted) return;
    recording = startRecording(style, options);
    begun = wallClock();
    try {
      await Promise.race([publish(), ...trouble]);
    } finally {
      // What is still unconfirmed is told so when the channel closes.
      await close();
      recording.end(calls, { callSeconds: inFlight.callSeconds() });
    }
    if (target && !signal.aborted) await untilServed(target.url);
  } finally {
    clearTimeout(stall);
    await close();
    await target?.stop();
    dispose();
  }

  async function publish() {
    // #region schedule
    // A message is safe when RabbitMQ has confirmed it. Each is published at
    // once, unless the buffer is full: then as soon as it has drained.
    for (const id of untilInterrupted()) {
      const { body, properties, onConfirm } = message(id);
      const more = channel.sendToQueue(queue, body, properties, onConfirm);
      if (!more) await once(channel, "drain");
    }
    await channel.waitForConfirms();
    // #endregion
    clearTimeout(stall);
  }

  function* untilInterrupted() {
    for (let id = 1; id <= calls && !signal.aborted; id++) yield id;
  }

  function message(id: number) {
    const url = template.replaceAll("{id}", String(id));
    const messageId = `${recording.run}-${id}`;
    const published = wallClock();
    const message = writeMessage({ url, id: messageId, published });
    inFlight.began(published);
    function onConfirm(error: unknown) {
      const confirmed = wallClock();
      inFlight.ended(confirmed);
      stall.refresh();
      const timing = newTiming(url, published);
      timing.wait = (published - begun) / 1000;
      timing.elapsed = (confirmed - published) / 1000;
      timing.bytes_out = message.body.length;
      if (error) timing.error = `message: ${messageOf(error)}`;
      recording.record(timing, messageId);
    }
    return { ...message, onConfirm };
  }

  /** To a queue that nobody reads, and that goes with this connection. */
  async function warmUp() {
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
      const stats = await (await fetch(`${url}/stats`)).json();
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
