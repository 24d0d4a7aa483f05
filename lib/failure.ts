import process from "node:process";

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
    console.error(error.message);
    // An interruption stays one, whatever it led to.
    process.exitCode ||= error.code;
  }
}

/** Ends the script at once with code 1, where nobody could catch a {@link Failure}. */
export function giveUp(message: string): never {
  console.error(message);
  process.exit(1);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
