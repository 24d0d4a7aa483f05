/** Runs a schedule: what decides when each call starts. */
import type { Answer } from "./client.ts";
import { onceIdle } from "./runtime.ts";

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
  /** Waits until so many seconds after the start; needs a metronome. */
  until(seconds: number): Promise<void>;
  /** The seconds since the start. */
  now(): number;
}

/** Wakes schedules that have to keep time. */
export interface Metronome {
  /** Resolves at a moment of performance.now(), at once if it has passed. */
  until(moment: number): Promise<void>;
  stop(): Promise<unknown>;
}

export type Schedule = (calls: Calls) => Promise<unknown>;

interface Run {
  /** How many calls are made at most. */
  calls: number;
  /** Makes one call, which was due at a moment of performance.now(). */
  make(id: number, due: number): Promise<Answer>;
  metronome?: Metronome;
  /** Resolves when the run is to end before its schedule does. */
  ended: Promise<void>;
}

/** How soon a timer is due, and how late it may be before calls wait for it. */
const TIMER_MILLISECONDS = 10;
const LATE_MILLISECONDS = 30;

/**
 * Starts calls in their order: at once, or if a timer is late, after it. A hundred
 * thousand calls at once, or a loop of calls that fail before they wait for
 * anything, would else keep timers and signals out.
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

export const forever = new Promise<never>(() => {});

/** Resolves when the schedule has no more calls to make, or may make no more. */
export async function runSchedule(
  schedule: Schedule,
  { calls, make, metronome, ended }: Run,
): Promise<void> {
  const start = performance.now();
  const now = () => (performance.now() - start) / 1000;
  const enough = Promise.withResolvers<void>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const inTurns = startTurns();
  /** Whether no more calls are taken, and whether none may start. */
  let closed = false;
  let over = false;

  const working = schedule({
    get ids() {
      return Array.from({ length: calls }, (_, index) => index + 1);
    },
    async call(id, due = 0) {
      if (id > calls) {
        over = true;
        enough.resolve();
      }
      if (over || closed) return forever;
      const answer = await inTurns(() =>
        over ? forever : make(id, start + due * 1000)
      );
      return over ? forever : answer;
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
      if (!over) await metronome!.until(start + seconds * 1000);
      if (over) await forever;
    },
    now,
  });
  async function complete() {
    await working;
    closed = true;
    // Those that have waited for their turn until now have it first.
    await inTurns(() => Promise.resolve());
  }

  await Promise.race([complete(), enough.promise, ended]);
  over = true;
  for (const timer of timers) clearTimeout(timer);
}
