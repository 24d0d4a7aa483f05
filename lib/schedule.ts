/** Runs a schedule, which decides when each call starts. */
import type { Answer } from "./client.ts";
import { onceIdle } from "./runtime.ts";

/**
 * What a schedule works with. When the run has ended, however that came, nothing
 * here resolves any more: a schedule stops where it waits.
 */
export interface Calls {
  /** The numbers of the calls, from 1. */
  ids: number[];
  /** Makes one call, which was due `due` seconds after the start. */
  call(id: number, due?: number): Promise<Answer>;
  /** Waits `seconds`. */
  sleep(seconds: number): Promise<void>;
  /** Waits until `seconds` after the start; needs a metronome. */
  until(seconds: number): Promise<void>;
  /** The seconds since the start. */
  now(): number;
}

export type Schedule = (calls: Calls) => Promise<unknown>;

/** Wakes schedules that have to keep time. */
export interface Metronome {
  /** Resolves at a moment of performance.now(), at once if it has passed. */
  until(moment: number): Promise<void>;
  stop(): Promise<unknown>;
}

export interface Run {
  /** The most calls to make. */
  calls: number;
  /** Makes one call, which was due at a moment of performance.now(). */
  call(id: number, due: number): Promise<Answer>;
  /** Ends the run before its schedule does. */
  signal: AbortSignal;
  metronome?: Metronome;
}

/** Resolves when the schedule has made its calls, or may make no more. */
export async function runSchedule(
  schedule: Schedule,
  { calls, call, signal, metronome }: Run,
): Promise<void> {
  const start = performance.now();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const inTurn = startTurns();
  const ended = Promise.withResolvers<void>();
  let hasEnded = false;
  /** The schedule has made all its calls; the last ones may not have started. */
  let isComplete = false;

  function end() {
    hasEnded = true;
    ended.resolve();
  }
  if (signal.aborted) end();
  signal.addEventListener("abort", end);

  const working = schedule({
    get ids() {
      return Array.from({ length: calls }, (_, index) => index + 1);
    },
    async call(id, due = 0) {
      if (id > calls) end();
      if (hasEnded || isComplete) return never;
      const answer = await inTurn(() =>
        hasEnded ? never : call(id, start + due * 1000)
      );
      return hasEnded ? never : answer;
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
      if (!hasEnded) await metronome!.until(start + seconds * 1000);
      if (hasEnded) await never;
    },
    now: () => (performance.now() - start) / 1000,
  });

  async function complete() {
    await working;
    isComplete = true;
    // The calls that wait for their turn begin first.
    await inTurn(() => Promise.resolve());
  }

  try {
    await Promise.race([complete(), ended.promise]);
  } finally {
    hasEnded = true;
    signal.removeEventListener("abort", end);
    for (const timer of timers) clearTimeout(timer);
  }
}

const never = new Promise<never>(() => {});

/** How soon a timer is due, and how late it may be before calls wait for it. */
const TIMER_MILLISECONDS = 10;
const LATE_MILLISECONDS = 30;

/**
 * Starts calls in order, at once unless a timer is late: then after it. A hundred
 * thousand calls at once, or a loop of calls that fail without waiting, would
 * otherwise keep timers and signals out.
 */
function startTurns() {
  const waiting = new Set<() => void>();
  let begun: number | undefined;

  function mayStart(): boolean {
    const now = performance.now();
    if (begun === undefined) {
      begun = now;
      setTimeout(onceIdle, TIMER_MILLISECONDS, nextTurn);
    }
    return now - begun < LATE_MILLISECONDS;
  }

  function nextTurn() {
    begun = undefined;
    for (const start of waiting) {
      if (!mayStart()) break;
      waiting.delete(start);
      start();
    }
  }

  return <T>(start: () => Promise<T>): Promise<T> => {
    if (waiting.size === 0 && mayStart()) return start();
    return new Promise((resolve) => waiting.add(() => resolve(start())));
  };
}
