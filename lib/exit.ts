/** How a script ends: its errors, its exit codes, Ctrl-C and SIGTERM. */
import { once } from "node:events";
import process from "node:process";
import { setInterval } from "node:timers";
import { visibleLines, withoutSecret } from "./text.ts";

/**
 * An error that the user can fix, printed without a stack trace. The exit code is
 * 1 when the work could not be done, 2 for wrong usage, 130 for an interruption.
 */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.name = "Failure";
    this.code = code;
  }
}

/** Runs a script's work; a {@link Failure} becomes a message and an exit code. */
export async function main(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    // After Ctrl-C the code stays 130.
    process.exitCode ||= error.code;
  }
}

/** Ends the script with code 1, for callbacks whose errors nothing catches. */
export function giveUp(message: string): never {
  say(message);
  process.exit(1);
}

/** Writes to stderr, without passwords and control characters. */
export function say(message: string) {
  console.error(visibleLines(withoutSecret(message)));
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Resolves once the signal has aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

const signals = ["SIGINT", "SIGTERM"] as const;

export interface Interrupt {
  /** Aborts on the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Aborts on the second one, with `twice`. */
  again: AbortSignal;
  dispose(): void;
}

/** The environment by which a child process notices that this one is gone. */
export const asParent = () => ({ CALL_STYLES_PARENT: String(process.pid) });

const MILLISECONDS_BETWEEN_LOOKS = 500;

/**
 * Listens for Ctrl-C and SIGTERM. The first asks the work to end in order; with
 * `twice` a second one asks it to end now; the next one ends the process. The exit
 * code is 130. A parent script that is killed counts as a Ctrl-C.
 */
export function onInterrupt({ twice = false } = {}): Interrupt {
  const first = new AbortController();
  const second = new AbortController();
  function interrupt() {
    process.exitCode = 130;
    if (!first.signal.aborted) first.abort();
    else if (twice && !second.signal.aborted) second.abort();
    else process.exit();
  }
  for (const signal of signals) process.on(signal, interrupt);
  const parent = Number(process.env.CALL_STYLES_PARENT);
  const looking = parent ? whenGone(parent, interrupt) : undefined;
  return {
    signal: first.signal,
    again: second.signal,
    dispose() {
      for (const signal of signals) process.off(signal, interrupt);
      clearInterval(looking);
    },
  };
}

/** Calls back when that process is no longer the parent. */
function whenGone(parent: number, call: () => void) {
  // The pipes to the parent are broken; writing to them must not crash.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {});
  }
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    call();
  }, MILLISECONDS_BETWEEN_LOOKS);
  return timer.unref();
}
