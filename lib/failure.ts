import process from "node:process";
import { withoutSecret } from "./secret.ts";
import { visibleLines } from "./visible.ts";

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
