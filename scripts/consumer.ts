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
import type { ConsumeMessage } from "amqplib";
import pLimit from "p-limit";
import {
  broker,
  checkRows,
  listRedelivered,
  openBroker,
  openInbox,
  readMessage,
  type Verdict,
} from "../lib/queue/mod.ts";
import {
  createClient,
  newTiming,
  sayProxies,
  type Timing,
  wallClock,
} from "../lib/client.ts";
import { aborted, main, onInterrupt, say } from "../lib/exit.ts";
import {
  count,
  duration,
  httpUrl,
  readOptions,
  wrong,
} from "../lib/options.ts";
import { rates } from "./throttle/mod.ts";
import { allowedHosts, callInTurn, isAllowed } from "./consumer/mod.ts";
import { measuring } from "../lib/measure.ts";
import { type Recording, startRecording } from "../lib/recording.ts";
import { runSchedule } from "../lib/schedule.ts";

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
const { queue, concurrency } = options;
if (options.warmup > 0 && !options.url) {
  wrong("--warmup needs a --url to call, since every message names its own");
}

await main(async () => {
  const { signal, dispose } = onInterrupt();
  const first = await openBroker(options);
  const mayCall = (url: string) => isAllowed(url, options.allowHost);
  const client = createClient(options.timeout, {
    ...options,
    forbids: (url) =>
      mayCall(url)
        ? undefined
        : "redirected to a host that --allow-host leaves out",
  });
  const inTurn = callInTurn(client, options);
  await warmUp();
  if (signal.aborted) {
    client.abort();
    await Promise.all([first.close(), client.close()]);
    return dispose();
  }
  const style = {
    name: "async_rabbitmq",
    concurrency,
    byMessage: true,
    checks: checkRows("published"),
  };
  let recording: Recording;
  try {
    recording = startRecording(style, options);
  } catch (error) {
    await Promise.all([first.close(), client.close()]);
    throw error;
  }
  const before = client.inFlight.callSeconds();
  const redelivered = listRedelivered();
  let unnamed = 0;
  const inbox = openInbox(options, first, take);

  async function take(message: ConsumeMessage): Promise<Verdict> {
    const { request, published, mistake, ...named } = readMessage(
      message,
      mayCall,
    );
    // Another delivery of it can't be told from another message.
    const id = named.id ?? `unnamed-${recording.run}-${++unnamed}`;
    if (mistake) {
      say(`message ${id} goes to ${queue}.dead: ${mistake}`);
      const error = `message: ${mistake}`;
      write({ ...newTiming(request.url, wallClock()), error });
      await recording.sync();
      return "reject";
    }
    function write(timing: Timing) {
      recording.record(timing, id);
      const { timestamp } = timing;
      if (message.fields.redelivered) redelivered.add({ timestamp, id });
    }
    function record(timing: Timing) {
      const wait = published === undefined
        ? undefined
        : (timing.sent - published) / 1000;
      write({ ...timing, wait });
    }
    // #region schedule
    // A message is acknowledged when its row is on the disk: whoever dies
    // before that leaves it to another consumer.
    record(await inTurn.call(request, record));
    await recording.sync();
    return "acknowledge";
    // #endregion
  }

  async function warmUp() {
    const semaphore = pLimit(concurrency);
    await runSchedule(({ ids, call }) => semaphore.map(ids, (id) => call(id)), {
      calls: options.warmup,
      call: () => client.call({ url: options.url! }),
      signal,
    });
  }

  function end() {
    inTurn.end();
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
    await client.close();
    dispose();
    const callSeconds = client.inFlight.callSeconds() - before;
    recording.end(options.calls, { callSeconds }, {
      messages: { ...inbox.books() },
      redelivered: redelivered.list(),
      outages: inbox.outages(),
      connections: client.connections?.(),
    });
  }
});
