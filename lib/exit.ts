/** How a script ends: its errors, its exit codes, Ctrl-C and SIGTERM. */
import { once } from "node:events";
import process from "node:process";
import { setInterval } from "node:timers";
import { visibleLines, withoutSecret } from "./text.ts";

/**
 * What a person can put right: it reaches them as one message, without a stack.
 * The exit code is 1 when the work could not be done, 2 for wrong usage, 3 for
 * an expectation that did not hold.
 */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.name = "Failure";
    this.code = code;
  }
}

/** Runs a script's work and turns a {@link Failure} into its exit code. */
export async function main(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    // An interruption stays one, whatever it led to.
    process.exitCode ||= error.code;
  }
}

/** Ends the script at once with code 1, where nobody could catch a {@link Failure}. */
export function giveUp(message: string): never {
  say(message);
  process.exit(1);
}

/**
 * Says something on stderr that may hold what others wrote: without passwords,
 * and with nothing that a terminal would obey.
 */
export function say(message: string) {
  console.error(visibleLines(withoutSecret(message)));
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Resolves when the signal aborts, even if it already has. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

const signals = ["SIGINT", "SIGTERM"] as const;

export interface Interrupt {
  /** Aborts on the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Aborts on the second one, if the script wants to know. */
  again: AbortSignal;
  dispose(): void;
}

/** Has a script that gets it notice when this process is gone. */
export const asParent = () => ({ CALL_STYLES_PARENT: String(process.pid) });

const MILLISECONDS_BETWEEN_LOOKS = 500;

/**
 * Signals for work that ends in order, and for work that then ends at once; one
 * Ctrl-C more ends the process. The exit code is 130. If the script that started
 * this one is killed, that is a Ctrl-C.
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

/** Calls once that process is not the parent any more. */
function whenGone(parent: number, call: () => void) {
  // Nobody reads any more what is said until the end.
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

/** The error; but if it came of an interruption, what is said of that. */
export function orInterrupted(
  error: unknown,
  signal: AbortSignal,
  says: string,
): unknown {
  return signal.aborted ? new Failure(`interrupted; ${says}`, 130) : error;
}
