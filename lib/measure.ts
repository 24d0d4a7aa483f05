/** Runs a schedule: one row for each call, a summary at the end. */
import {
  type Answer,
  type Client,
  createClient,
  type Requests,
} from "./call.ts";
import type { Timing } from "./call.ts";
import { parseExpectation } from "./expect.ts";
import { main } from "./failure.ts";
import { aborted, onInterrupt } from "./interrupt.ts";
import { startMetronome } from "./metronome.ts";
import { mostConnections } from "./open_files.ts";
import { count, duration, flag, httpUrl, many } from "./options.ts";
import { readOptions, text, type Values } from "./options.ts";
import { type Recording, startRecording } from "./recording.ts";
import { startServer } from "./script.ts";
import type { SummaryRules } from "./summary.ts";
import { countTimes, type Times } from "./times.ts";
import { startCpu } from "./trust.ts";

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
    "exit 3 unless it holds, as in 'p99<500ms' or 'success>=0.99'",
    parseExpectation,
  ),
};

/** Without `calls` nobody knows in advance how many there will be. */
export type MeasuringOptions =
  & Omit<Values<typeof measuring>, "calls">
  & { calls?: number };

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
  /** Whether the schedule waits until calls are due. */
  paced?: boolean;
}

/**
 * What a schedule works with. Once the run is over or interrupted, nothing
 * resolves.
 */
export interface Calls {
  /** The numbers of the calls, from 1. */
  ids: number[];
  /** Makes one call, which was due so many seconds after the start. */
  call(id: number, due?: number): Promise<Answer>;
  /** Waits that many seconds. */
  sleep(seconds: number): Promise<void>;
  /** Waits until so many seconds after the start. */
  until(seconds: number): Promise<void>;
  /** The seconds since the start. */
  now(): number;
}

type Schedule = (calls: Calls) => Promise<unknown>;

/**
 * Runs `schedule`, which decides when each call starts. Everything else is done
 * here: options, target, warm-up, timing, rows, Ctrl-C, summary.
 */
export async function measure(style: Style, schedule: Schedule): Promise<void> {
  const options: MeasuringOptions = style.options ?? readOptions(measuring);
  await main(async () => {
    const { signal, again, dispose } = onInterrupt({ twice: true });
    const { unique, paced, most = Infinity } = style;
    const files = mostConnections();
    const client = createClient(options.timeout, Math.min(most, files));
    const target = await embeddedTarget(options);
    const template = options.url ?? `${target?.url}/?id={id}`;
    const request = style.requests?.(template) ??
      ((id: number) => ({ url: template.replaceAll("{id}", String(id)) }));
    const metronome = paced ? await startMetronome() : undefined;
    let recording: Recording | undefined;
    signal.addEventListener("abort", () => {
      if (recording) sayInFlight(client);
      else client.abort();
    });
    again.addEventListener("abort", () => client.abort());

    /** Has up to `calls` calls made, the first one numbered `first`: how many. */
    async function run(
      first: number,
      calls: number,
      record: (timing: Timing, id: string) => void,
      lateness?: Times,
    ) {
      const start = performance.now();
      const now = () => (performance.now() - start) / 1000;
      const enough = Promise.withResolvers<void>();
      const timers = new Set<ReturnType<typeof setTimeout>>();
      let over = false;
      let begun = 0;

      await Promise.race([
        schedule({
          get ids() {
            return Array.from({ length: calls }, (_, index) => index + 1);
          },
          call(id, due = 0) {
            if (id > calls) enough.resolve();
            if (over || id > calls) return forever;
            const number = first + id - 1;
            begun++;
            const { promise, resolve } = Promise.withResolvers<Answer>();
            client.call(request(number), start + due * 1000).then((timing) => {
              record(timing, String(number));
              if (!over) resolve(timing);
            });
            return promise;
          },
          sleep(seconds) {
            return new Promise((resolve) => {
              const timer = setTimeout(() => {
                timers.delete(timer);
                resolve();
              }, seconds * 1000);
              timers.add(timer);
            });
          },
          async until(seconds) {
            await metronome!.until(start + seconds * 1000);
            if (over) await forever;
            lateness?.add(now() - seconds);
          },
          now,
        }),
        enough.promise,
        aborted(signal),
      ]);
      over = true;
      for (const timer of timers) clearTimeout(timer);
      await client.drain();
      return begun;
    }

    try {
      const { calls = Infinity, warmup } = options;
      if (style.connections) {
        await client.open(request(1).url, style.connections);
      }
      const afterAll = Math.min(calls, 1e6) + 1;
      if (warmup > 0) await run(afterAll, warmup, () => {});
      // A file that is replaced by nothing would be lost.
      if (signal.aborted) return;
      recording = startRecording(style, options);
      const lateness = metronome && countTimes();
      const cpu = startCpu();
      let begun = 0;
      try {
        begun = await run(1, calls, recording.record, lateness);
      } finally {
        recording.end(options.calls, {
          lateness: lateness?.distribution(),
          cpu: unique && cpu(),
          held: files < most ? client.held() : 0,
          unsent: paced && !signal.aborted ? calls - begun : 0,
        });
      }
    } finally {
      await Promise.all([client.close(), metronome?.stop(), target?.stop()]);
      dispose();
    }
  });
}

/** The target that is called if the options name no other server. */
async function embeddedTarget(options: MeasuringOptions) {
  const { url, seed, targets } = options as
    & { targets?: unknown }
    & typeof options;
  if (url || targets) return undefined;
  return await startServer("target.ts", "--seed", String(seed));
}

const forever = new Promise<never>(() => {});

function sayInFlight(client: Client) {
  const calls = client.inFlight();
  if (calls === 0) return;
  const counted = calls === 1 ? "1 call" : `${calls} calls`;
  console.error(`waiting for ${counted} in flight; Ctrl-C again ends them`);
}
