/**
 * How long do calls take that come from a queue?
 *
 *     deno run -A scripts/consumer.ts --concurrency 100
 *     deno run -A scripts/consumer.ts --rate 100
 *
 * Takes the calls that scripts/producer.ts published from RabbitMQ and writes
 * results/metrics_async_rabbitmq.csv, a row for each message: `wait` is from
 * being published until the call was sent. A message is acknowledged when its
 * row is on the disk, and not before. Any number of consumers may share a queue.
 * With --rate it keeps to the limit of what it calls, and calls again what is
 * refused (429) all the same, in another row of the same id, after as long as
 * Retry-After says, but --timeout at most.
 *
 * Ends after --idle without a message, after --calls of them, or on Ctrl-C, when
 * the calls in flight have ended; and when RabbitMQ is away for --timeout. What is
 * not a call goes to the dead letters.
 */
import type { Channel, ConsumeMessage } from "amqplib";
import pLimit from "p-limit";
import { broker, keepBroker, openBroker } from "../lib/broker.ts";
import { createClient, newTiming, wallClock } from "../lib/call.ts";
import type { Timing } from "../lib/call.ts";
import { Failure, main } from "../lib/failure.ts";
import { formatSeconds } from "../lib/format.ts";
import { callInTurn, NotCalled } from "../lib/in_turn.ts";
import { onInterrupt } from "../lib/interrupt.ts";
import { measuring } from "../lib/measure.ts";
import { readMessage } from "../lib/message.ts";
import { count, duration, rates, readOptions } from "../lib/options.ts";
import { httpUrl, wrong } from "../lib/options.ts";
import { type Recording, startRecording } from "../lib/recording.ts";

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
  jitter: duration("10ms", "how much later than others a call may arrive"),
});
const { queue, concurrency, calls = Infinity } = options;
if (options.warmup > 0 && !options.url) {
  wrong("--warmup needs a --url to call, since every message names its own");
}

/** A sender may use an id again, but not for what it published at that moment. */
function nameOf({ properties: { messageId, headers } }: ConsumeMessage) {
  return `${messageId} ${headers?.published}`;
}

await main(async () => {
  const { signal, dispose } = onInterrupt();
  const first = await openBroker(options);
  const client = createClient(options.timeout);
  const semaphore = pLimit(concurrency);
  const inTurn = callInTurn(client, options);
  const warmUp = Array(options.warmup).fill(options.url);
  await semaphore.map(warmUp, (url) => client.call({ url }));
  const style = { name: "async_rabbitmq", concurrency };
  let recording: Recording;
  try {
    recording = startRecording(style, options);
  } catch (error) {
    await Promise.all([first.close(), client.close()]);
    throw error;
  }
  const before = client.callSeconds();

  const done = Promise.withResolvers<void>();
  let accepting = true;
  let acknowledged = 0;
  let inWork = 0;
  /** Whose rows are written, but whose channel was gone before they were told. */
  const untold = new Set<string>();

  const kept = keepBroker(options, {
    first,
    patience: options.timeout,
    async setUp({ channel }) {
      await channel.prefetch(concurrency);
      await channel.consume(queue, (message) => onMessage(message, channel));
    },
    onReturn(away) {
      console.error(`RabbitMQ was away for ${formatSeconds(away)}`);
    },
  });
  const idle = setTimeout(() => {
    if (inWork === 0 && kept.current()) accept(false);
    else idle.refresh();
  }, options.idle * 1000);

  /** Once no more messages are accepted, those in work are the last. */
  function accept(more: boolean) {
    accepting &&= more;
    if (!accepting && inWork === 0) done.resolve();
  }

  async function onMessage(message: ConsumeMessage | null, channel: Channel) {
    if (!message) done.reject(new Failure(`queue ${queue} was deleted`));
    if (!message || !accepting) return;
    inWork++;
    accept(acknowledged + inWork < calls);
    try {
      await take(message, channel);
      acknowledged++;
    } catch (error) {
      // RabbitMQ delivers again what its channel was closed for, or what is not
      // called any more.
      const isClosed = (error as Error).name === "IllegalOperationError";
      if (!isClosed && !(error instanceof NotCalled)) throw error;
      const hasName = message.properties.messageId !== undefined;
      if (isClosed && hasName) untold.add(nameOf(message));
    }
    inWork--;
    idle.refresh();
    accept(acknowledged + inWork < calls);
  }

  async function take(message: ConsumeMessage, channel: Channel) {
    const { request, id, published, mistake } = readMessage(message);
    if (mistake) {
      console.error(`message ${id} goes to ${queue}.dead: ${mistake}`);
      const error = `message: ${mistake}`;
      recording.record({ ...newTiming(request.url, wallClock()), error }, id);
      await recording.sync();
      return channel.reject(message, false);
    }
    const isAgain = message.fields.redelivered;
    if (untold.delete(nameOf(message)) && isAgain) return channel.ack(message);
    function record(timing: Timing) {
      const wait = published && (timing.sent - published) / 1000;
      recording.record({ ...timing, wait }, id);
    }
    // #region schedule
    // A message is acknowledged when its row is on the disk: whoever dies
    // before that leaves it to another consumer.
    record(await inTurn.call(request, record));
    await recording.sync();
    channel.ack(message);
    // #endregion
  }

  function end() {
    inTurn.end();
    accept(false);
  }

  try {
    await Promise.race([kept.opened, kept.gone]);
    console.error(`waiting for messages on queue ${queue}`);
    signal.addEventListener("abort", end);
    await Promise.race([done.promise, kept.gone]);
  } finally {
    end();
    clearTimeout(idle);
    // What was delivered and not acknowledged goes back to the queue.
    await kept.close();
    await client.close();
    recording.end(options.calls, {
      callSeconds: client.callSeconds() - before,
    });
    dispose();
  }
});
