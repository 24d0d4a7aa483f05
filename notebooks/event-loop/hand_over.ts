/** How long a hand-over of the webhook was made to take. */
import { duration } from "../../lib/options.ts";
import { HAND_OVER } from "../../scripts/chapters/names/mod.ts";

/** In seconds, as the command asked for it that made a run. */
export function handOverOf(command = ""): number {
  const { parse } = duration(HAND_OVER, "");
  const [, asked = HAND_OVER] = /--hand-over[ =](\S+)/.exec(command) ?? [];
  try {
    return parse([asked]);
  } catch (error) {
    // A command that was written by hand, and never run.
    if (error instanceof RangeError) return parse([HAND_OVER]);
    throw error;
  }
}
