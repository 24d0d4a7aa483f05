/** Runs a consumer, but for the work on a message. */
import type { ConsumeMessage } from "amqplib";
import pLimit from "p-limit";
import {
  type Client,
  createClient,
  newTiming,
  type Request,
  sayProxies,
  type Timing,
  wallClock,
} from "../../lib/client.ts";
import { aborted, main, onInterrupt, say } from "../../lib/exit.ts";
import type { MeasuringOptions } from "../../lib/measure.ts";
import {
  type Broker,
  type BrokerOptions,
  openBroker,
  openInbox,
  readMessage,
  type Verdict,
} from "../../lib/queue/mod.ts";
import { checkRows, listRedelivered } from "../../lib/queue/rows/mod.ts";
import { type Recording, startRecording } from "../../lib/recording.ts";
import { runSchedule } from "../../lib/schedule.ts";
import type { Rate } from "../throttle/mod.ts";
import { type Host, isAllowed } from "./allowed_hosts.ts";
import { paceClient, type PacedClient } from "./paced_client.ts";

export interface ConsumerOptions extends MeasuringOptions, BrokerOptions {
  concurrency: number;
  /** In seconds, as is the jitter. */
  idle: number;
  rate: Rate[];
  jitter: number;
  allowHost: Host[];
}

/** What a consumer needs to handle one message. */
export interface Work {
  client: PacedClient;
  request: Request;
  /** Writes a row for an attempt. */
  record(timing: Timing): void;
  recording: Recording;
}

/** Takes messages until the queue is idle; each is done when `work` resolves. */
export async function consume(
  options: ConsumerOptions,
  work: (work: Work) => Promise<Verdict>,
): Promise<void> {
  await main(async () => {
    const { signal, dispose } = onInterrupt();
    const first = await openBroker(options);
    const client = createClient(options.timeout, {
      ...options,
      forbids: (url) =>
        isAllowed(url, options.allowHost)
          ? undefined
          : "redirected to a host that --allow-host doesn't allow",
    });
    try {
      await warmUp(client, options, signal);
      if (signal.aborted) return client.abort();
      await takeAll(first, client, signal);
    } finally {
      await Promise.all([first.close(), client.close()]);
      dispose();
    }

    async function takeAll(first: Broker, client: Client, signal: AbortSignal) {
      const { queue, concurrency } = options;
      const recording = startRecording({
        name: "async_rabbitmq",
        concurrency,
        byMessage: true,
        checks: checkRows("published"),
      }, options);
      const paced = paceClient(client, options);
      const before = client.inFlight.callSeconds();
      const redelivered = listRedelivered();
      let unnamed = 0;

      async function take(message: ConsumeMessage): Promise<Verdict> {
        const { request, published, ...read } = readMessage(message);
        const mistake = read.mistake ??
          (isAllowed(request.url, options.allowHost)
            ? undefined
            : "--allow-host doesn't allow the host of its url");
        // If it is redelivered, it looks like another message.
        const id = read.id ?? `unnamed-${recording.run}-${++unnamed}`;
        function write(timing: Timing) {
          recording.record(timing, id);
          const { timestamp } = timing;
          if (message.fields.redelivered) redelivered.add({ timestamp, id });
        }
        if (mistake) {
          say(`message ${id} goes to ${queue}.dead: ${mistake}`);
          const error = `message: ${mistake}`;
          write({ ...newTiming(request.url, wallClock()), error });
          await recording.sync();
          return "reject";
        }
        function record(timing: Timing) {
          const wait = published === undefined
            ? undefined
            : (timing.sent - published) / 1000;
          write({ ...timing, wait });
        }
        return await work({ client: paced, request, record, recording });
      }

      const inbox = openInbox(options, first, take);
      function end() {
        paced.end();
        inbox.end();
      }

      try {
        await inbox.opened;
        sayProxies();
        console.error(`waiting for messages on queue ${queue}`);
        aborted(signal).then(end);
        await inbox.ended;
      } finally {
        end();
        await inbox.close();
        const callSeconds = client.inFlight.callSeconds() - before;
        recording.end(options.calls, { callSeconds }, {
          messages: { ...inbox.counts() },
          redelivered: redelivered.list(),
          outages: inbox.outages(),
          connections: client.connections?.(),
        });
      }
    }
  });
}

/** Unrecorded calls of --url. */
async function warmUp(
  client: Client,
  { warmup, url, concurrency }: ConsumerOptions,
  signal: AbortSignal,
) {
  const semaphore = pLimit(concurrency);
  await runSchedule(({ ids, call }) => semaphore.map(ids, (id) => call(id)), {
    calls: warmup,
    call: () => client.call({ url: url! }),
    signal,
  });
}
