/** Measures a style: one row for each call, a summary at the end. */
import {
  type Answer,
  type Client,
  createClient,
  type Requests,
  sayProxies,
  type Timing,
} from "./client.ts";
import { aborted, main, onInterrupt } from "./exit.ts";
import {
  count,
  duration,
  flag,
  httpUrl,
  many,
  readOptions,
  size,
  text,
  type Values,
} from "./options.ts";
import { parseExpectation } from "./expect.ts";
import { type Recording, startRecording } from "./recording.ts";
import {
  forever,
  type Metronome,
  runSchedule,
  type Schedule,
} from "./schedule.ts";
import { mostConnections } from "./runtime.ts";
import { startServer } from "./script.ts";
import type { SummaryRules } from "./summary.ts";
import { countTimes, type Times } from "./times.ts";
import { type Cpu, startCpu } from "./warnings.ts";

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
  warmup: count(0, "calls made first, not written down", 0, 10_000_000),
  out: text("FOLDER", "results", "where the CSV goes"),
  append: flag("add to the CSV; without it a new run replaces the file"),
  name: text("NAME", undefined, "what the rows and the file are called", {
    pattern: /^[a-z0-9][\w./-]{0,99}$/i,
    says:
      "takes letters, digits and . _ - / and at most 100, from a letter or digit on",
  }),
  seed: count(1, "seed of whatever is random", 0),
  json: flag("print the summary as one JSON object"),
  expect: many(
    "RULE",
    "exit 3 unless it holds, as in 'p99<500ms', 'ok.p99<500ms' (of the calls " +
      "that succeed) or 'success>=0.99'",
    parseExpectation,
  ),
};

const { calls: _, ...others } = measuring;

/** The same for scripts whose calls are counted by something else. */
export const loading = others;

/** Without `calls` nobody knows in advance how many there will be. */
export type MeasuringOptions =
  & Values<typeof loading>
  & { calls?: number; targets?: unknown };

export interface Style extends SummaryRules {
  name: string;
  /** The script's own options with the {@link measuring} ones. */
  options?: MeasuringOptions;
  /** What each call sends, if not a GET of the URL, which may be `embedded`. */
  requests?: Requests;
  /** Calls in flight at most: above it a call waits to be sent. */
  most?: number;
  /** Connections that are opened before the run. */
  connections?: number;
  /** What makes the calls, each within so many seconds, if not the own client. */
  client?(timeout: number): Client;
  /** How long calls are made, in seconds, if time ends the run. */
  planned?: number;
  /** What wakes a schedule that waits until calls are due. */
  metronome?(): Promise<Metronome>;
}

/**
 * Runs `schedule`, which decides when each call starts. Everything else is done
 * here: options, target, warm-up, timing, rows, Ctrl-C, summary.
 */
export async function measure(style: Style, schedule: Schedule): Promise<void> {
  const options: MeasuringOptions = style.options ?? readOptions(measuring);
  const { calls = Infinity, warmup, timeout } = options;
  const { unique, connections, most = Infinity } = style;
  await main(async () => {
    const { signal, again, dispose } = onInterrupt({ twice: true });
    sayProxies();
    const files = mostConnections();
    const client = style.client?.(timeout) ??
      createClient(timeout, Math.min(most, files), options);
    const target = await startTarget(options);
    const url = target?.url ?? options.url ?? "";
    const request = style.requests?.(url) ??
      ((id: number) => ({ url: url.replaceAll("{id}", String(id)) }));
    const metronome = await style.metronome?.();
    let recording: Recording | undefined;
    signal.addEventListener("abort", () => {
      if (recording) sayInFlight(client);
      else client.abort();
    });
    again.addEventListener("abort", () => client.abort());

    function connectionsSince(before: number) {
      const counts = client.connections?.();
      return counts && { ...counts, opened: counts.opened - before };
    }

    /** Has up to `limit` calls made, the first of which is number `first`. */
    async function run(
      first: number,
      limit: number,
      record: (timing: Timing, id: string) => void,
      lateness?: Times,
    ) {
      async function make(id: number, due: number): Promise<Answer> {
        if (signal.aborted) return forever;
        lateness?.add((performance.now() - due) / 1000);
        const number = first + id - 1;
        const timing = await client.call(request(number), due);
        record(timing, String(number));
        return timing;
      }
      const ended = aborted(signal);
      await runSchedule(schedule, { calls: limit, make, metronome, ended });
    }

    try {
      if (connections) {
        const opening = client.open(request(1).url, connections);
        const opened = await Promise.race([opening, aborted(signal)]) ?? 0;
        if (opened < connections) {
          console.error(`opened ${opened} of ${connections} connections`);
        }
      }
      // Numbers that none of the calls has.
      const after = calls < Infinity ? calls + 1 : 2 ** 30;
      if (warmup > 0) await run(after, warmup, () => {});
      await client.drain();
      // A file that is replaced by nothing would be lost.
      if (signal.aborted) return;

      recording = startRecording(style, options);
      const lateness = metronome ? countTimes() : undefined;
      const held = client.held();
      const opened = client.connections?.().opened ?? 0;
      const callSeconds = client.callSeconds();
      const cpu = startCpu();
      let used: Cpu | undefined;
      try {
        await run(1, calls, recording.record, lateness);
        used = cpu();
        await client.drain();
      } finally {
        const begun = lateness?.count ?? 0;
        recording.end(options.calls, {
          lateness: lateness?.distribution(),
          cpu: unique ? used : undefined,
          callSeconds: client.callSeconds() - callSeconds,
          held: files < most ? client.held() - held : 0,
          unsent: metronome && !signal.aborted ? calls - begun : 0,
          interrupted: signal.aborted,
          planned: style.planned,
        }, { connections: connectionsSince(opened) });
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

function sayInFlight(client: Client) {
  const calls = client.inFlight();
  if (calls === 0) return;
  const counted = calls === 1 ? "1 call" : `${calls} calls`;
  console.error(`waiting for ${counted} in flight; Ctrl-C again ends them`);
}
