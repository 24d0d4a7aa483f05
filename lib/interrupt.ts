/** Ctrl-C and SIGTERM. */
import { once } from "node:events";
import process from "node:process";

/** Resolves when the signal aborts, even if it already has. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * A signal that aborts on the first Ctrl-C or SIGTERM, for work that ends in
 * order; the second one ends the process at once. The exit code is 130.
 */
export function onInterrupt(): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  function interrupt() {
    if (controller.signal.aborted) process.exit(130);
    process.exitCode = 130;
    controller.abort();
  }
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    dispose() {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
