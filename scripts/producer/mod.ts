/** Runs a producer, but for its schedule. */
import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { newTiming, startInFlight, wallClock } from "../../lib/client.ts";
import {
  aborted,
  Failure,
  main,
  messageOf,
  onInterrupt,
} from "../../lib/exit.ts";
import { type MeasuringOptions, startTarget } from "../../lib/measure.ts";
import {
  type Broker,
  type BrokerOptions,
  openBroker,
  openOutbox,
  type Outbox,
  type Outgoing,
  writeMessage,
} from "../../lib/queue/mod.ts";
import { startRecording } from "../../lib/recording.ts";
import type { Server } from "../../lib/script.ts";
import { fetchDirectly } from "../fetch/mod.ts";
import { intervalOf, type Rate } from "../throttle/mod.ts";

export interface ProducerOptions extends MeasuringOptions, BrokerOptions {
  calls: number;
  rate: Rate[];
}

/** What a producer's schedule works with. */
export interface Publishing {
  calls: number;
  /** Waits until a message is due; false if the run has ended. */
  isDue(id: number): Promise<boolean>;
  /** The message for a call; its row is written when it is confirmed. */
  message(id: number): Outgoing;
  outbox: Outbox;
}

const style = {
  name: "producer",
  succeeded: ({ error }: { error: string }) => error === "",
};

/** Publishes messages by a schedule, and keeps the target running for the consumer. */
export async function produce(
  options: ProducerOptions,
  publish: (publishing: Publishing) => Promise<void>,
): Promise<void> {
  const { calls, timeout, warmup, rate } = options;
  await main(async () => {
    const { signal, dispose } = onInterrupt();
    const first = await openBroker(options);
    let target: Server | undefined;
    try {
      target = await startTarget(options);
      const late = sleep(timeout * 1000, undefined, { signal, ref: false })
        .catch(() => {});
      await Promise.race([warmUp(first, warmup), first.lost, late]);
      if (signal.aborted) return;
      await publishAll(first, target?.url ?? options.url!);
      if (target && !signal.aborted) {
        await untilServed(new URL("/stats", target.url).href);
      }
    } finally {
      await first.close();
      await target?.stop();
      dispose();
    }

    async function publishAll(first: Broker, template: string) {
      const recording = startRecording(style, options);
      const begun = wallClock();
      const inFlight = startInFlight();
      const outbox = openOutbox(options, first);
      const ending = new AbortController();
      const over = AbortSignal.any([signal, ending.signal]);
      const interval = rate.length > 0 ? intervalOf(rate, 0) * 1000 : 0;
      const due = (id: number) => begun + (id - 1) * interval;

      async function isDue(id: number): Promise<boolean> {
        const left = due(id) - wallClock();
        if (left > 0) {
          await sleep(left, undefined, { signal: over }).catch(() => {});
        }
        return !over.aborted;
      }

      function message(id: number): Outgoing {
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
        const publishing = publish({ calls, isDue, outbox, message });
        await Promise.race([publishing, aborted(signal), outbox.gone]);
      } finally {
        ending.abort();
        await outbox.close();
        recording.end(calls, { callSeconds: inFlight.callSeconds() }, {
          messages: outbox.counts(),
          outages: outbox.outages(),
        });
      }
    }

    /** Waits until the target has answered all calls, or got none for a minute. */
    async function untilServed(stats: string) {
      console.error("the target runs until scripts/consumer.ts has called it");
      let served = 0;
      for (let idle = 0; idle < 60 && !signal.aborted; idle++) {
        const { accepted, inFlight } = await (await fetchDirectly(stats))
          .json();
        if (accepted > served) idle = 0;
        served = accepted;
        if (served >= calls && inFlight === 0) return;
        await sleep(1000, undefined, { signal }).catch(() => {});
      }
      if (signal.aborted) return;
      throw new Failure(
        `the target got only ${served} of ${calls} calls and stops now; the ` +
          "other messages are still in the queue",
      );
    }
  });
}

/** Publishes to a temporary queue that has no consumer. */
async function warmUp({ channel }: Broker, messages: number) {
  const { queue } = await channel.assertQueue("", { exclusive: true });
  for (let sent = 0; sent < messages; sent++) {
    channel.sendToQueue(queue, Buffer.from("{}"), { persistent: true });
  }
  await channel.waitForConfirms();
}
