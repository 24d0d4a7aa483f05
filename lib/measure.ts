/** Measures a style: one row for each call, a summary at the end. */
import pLimit from "p-limit";
import {
  type Answer,
  type Client,
  createClient,
  sayProxies,
} from "./client.ts";
import type { Request, Timing } from "./client.ts";
import { aborted, main, onInterrupt } from "./exit.ts";
import { parseExpectation } from "./expect.ts";
import { count, duration, flag, httpUrl, many } from "./options.ts";
import { readOptions, size, text, type Values } from "./options.ts";
import { type Generator, startRecording } from "./recording.ts";
import { mostConnections } from "./runtime.ts";
import { type Metronome, runSchedule, type Schedule } from "./schedule.ts";
import { startServer } from "./script.ts";
import { countTimes, type Times } from "./statistics.ts";
import type { SummaryRules } from "./summary.ts";

/** The options of every measuring script. */
export const measuring = {
  url: httpUrl(
    "what to call; {id} in it becomes the call's number (default: an " +
      "embedded target, started for the run)",
  ),
  calls: count(50, "how many calls", 1, 10_000_000),
  timeout: duration("30s", "the longest that one whole call may take", {
    aboveZero: true,
  }),
  maxBody: size(
    "the longest body to read; a longer one ends its call (default: any)",
  ),
  warmup: count(0, "unrecorded warm-up calls", 0, 10_000_000),
  out: text("FOLDER", "results", "where the CSV goes"),
  append: flag("add to the CSV; without it a new run replaces the file"),
  name: text("NAME", undefined, "what the rows and the file are called", {
    pattern: /^[a-z0-9][\w./-]{0,99}$/i,
    says:
      "takes letters, digits and . _ - / and at most 100, from a letter or digit on",
  }),
  seed: count(1, "random seed", 0),
  json: flag("print the summary as one JSON object"),
  expect: many(
    "RULE",
    "exit 3 unless it holds, as in 'p99<500ms', 'ok.p99<500ms' (of the calls " +
      "that succeed) or 'success>=0.99'",
    parseExpectation,
  ),
};

const { calls: _, ...others } = measuring;

/** The same for scripts in which time ends the run. */
export const loading = others;

/** Without `calls` the number of calls is not known in advance. */
export type MeasuringOptions =
  & Values<typeof loading>
  & { calls?: number; targets?: unknown };

export interface Style extends SummaryRules {
  name: string;
  /** The script's own options and the {@link measuring} ones. */
  options?: MeasuringOptions;
  /** The request of each call by its number, if not a GET of `url`. */
  requests?(url: string): (id: number) => Request;
  /** The most calls in flight; others wait. */
  most?: number;
  /** Connections to open before the run. */
  connections?: number;
  /** Another client than our own; a call may take `timeout` seconds. */
  client?(timeout: number): Client;
  /** How long calls are made, in seconds, if time ends the run. */
  planned?: number;
  /** Starts to watch whether this process keeps up with the load. */
  watch?(): Generator;
  /** Starts what wakes a schedule that keeps time. */
  metronome?(): Promise<Metronome>;
}

/**
 * Runs `schedule`, which decides when each call starts. Everything else happens
 * here: options, target, warm-up, timing, rows, Ctrl-C, summary.
 */
export async function measure(style: Style, schedule: Schedule): Promise<void> {
  const options: MeasuringOptions = style.options ?? readOptions(measuring);
  const { calls = Infinity, warmup, timeout } = options;
  await main(async () => {
    const { signal, again, dispose } = onInterrupt({ twice: true });
    sayProxies();
    // First, since it may fail: a client could keep the script from ending.
    const target = await startTarget(options);
    const client = style.client?.(timeout) ?? createClient(timeout, options);
    const request = requestsOf(style, target?.url ?? options.url ?? "");
    const metronome = await style.metronome?.();
    const files = mostConnections();
    const most = Math.min(style.most ?? Infinity, files);
    // Only where calls may have to wait: users would make a tenth fewer with it.
    const turns = most < (options.calls ?? 0) ? pLimit(most) : undefined;
    let isRecording = false;
    let held = 0;
    signal.addEventListener("abort", () => {
      turns?.clearQueue();
      if (isRecording) sayInFlight(client.inFlight.count());
      else client.abort();
    });
    again.addEventListener("abort", client.abort);

    /** Runs the schedule for up to `limit` calls, the first of number `first`. */
    async function run(
      first: number,
      limit: number,
      record: (timing: Timing, id: string) => void,
      lateness?: Times,
    ) {
      async function call(id: number, due: number): Promise<Answer> {
        lateness?.add(Math.round((performance.now() - due) * 1000));
        const number = first + id - 1;
        const send = () => client.call(request(number), due);
        if (turns && turns.activeCount + turns.pendingCount >= most) held++;
        const timing = await (turns ? turns(send) : send());
        record(timing, String(number));
        return timing;
      }
      await runSchedule(schedule, { calls: limit, call, signal, metronome });
      turns?.clearQueue();
    }

    try {
      if (style.connections) {
        await openConnections(
          client,
          request(1).url,
          style.connections,
          signal,
        );
      }
      // Numbers that no recorded call has.
      const after = calls < Infinity ? calls + 1 : 2 ** 30;
      if (warmup > 0) await run(after, warmup, () => {});
      await client.inFlight.empty();
      // With nothing to write, the file of the last run stays.
      if (signal.aborted) return;

      const recording = startRecording(style, options);
      isRecording = true;
      held = 0;
      const lateness = metronome ? countTimes() : undefined;
      const opened = client.connections?.().opened ?? 0;
      const callSeconds = client.inFlight.callSeconds();
      const generator = style.watch?.();
      try {
        await run(1, calls, recording.record, lateness);
        generator?.stop();
        await client.inFlight.empty();
      } finally {
        const connections = client.connections?.();
        if (connections) connections.opened -= opened;
        const unsent = calls - (lateness?.count ?? 0);
        recording.end(options.calls, {
          lateness: lateness?.distribution(),
          generator,
          callSeconds: client.inFlight.callSeconds() - callSeconds,
          held: most === files ? held : 0,
          unsent: metronome && !signal.aborted ? unsent : 0,
          interrupted: signal.aborted,
          planned: style.planned,
        }, { connections });
      }
    } finally {
      await Promise.all([client.close(), metronome?.stop(), target?.stop()]);
      dispose();
    }
  });
}

/** The target that is called if the options name no other server. */
export async function startTarget(
  { url, targets, seed }: Pick<MeasuringOptions, "url" | "targets" | "seed">,
) {
  if (url || targets) return undefined;
  const server = await startServer("target.ts", "--seed", String(seed));
  return { ...server, url: `${server.url}/?id={id}` };
}

function requestsOf({ requests }: Style, url: string) {
  return requests?.(url) ??
    ((id: number) => ({ url: url.replaceAll("{id}", String(id)) }));
}

async function openConnections(
  client: Client,
  url: string,
  count: number,
  signal: AbortSignal,
) {
  const opening = client.open?.(url, count);
  const opened = await Promise.race([opening, aborted(signal)]) ?? 0;
  if (opened < count) console.error(`opened ${opened} of ${count} connections`);
}

function sayInFlight(calls: number) {
  if (calls === 0) return;
  const counted = calls === 1 ? "1 call" : `${calls} calls`;
  console.error(`waiting for ${counted} in flight; Ctrl-C again ends them`);
}
