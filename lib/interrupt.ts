/** Ctrl-C and SIGTERM. */
import { once } from "node:events";
import process from "node:process";
import { Failure } from "./failure.ts";

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

/**
 * Signals for work that ends in order, and for work that then ends at once; one
 * Ctrl-C more ends the process. The exit code is 130.
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
  return {
    signal: first.signal,
    again: second.signal,
    dispose() {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}

/** The error; but if it came of an interruption, what is said of that. */
export function orInterrupted(
  error: unknown,
  signal: AbortSignal,
  says: string,
): unknown {
  return signal.aborted ? new Failure(`interrupted; ${says}`, 130) : error;
}
