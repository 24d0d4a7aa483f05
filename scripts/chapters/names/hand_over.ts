/** How long a hand-over of the webhook is made to take. */
import { duration } from "../../../lib/options.ts";

/** Unless another time is asked for: a hand-over of the source, 1 s / 42. */
export const HAND_OVER = "24ms";

/** In seconds, as the command asked for it that made a run. */
export function handOverOf(command = ""): number {
  const { parse } = duration(HAND_OVER, "");
  const [, asked = HAND_OVER] = /--hand-over[ =](\S+)/.exec(command) ?? [];
  try {
    return parse([asked]);
  } catch (error) {
    // Whoever wrote it into a file did not run it.
    if (error instanceof RangeError) return parse([HAND_OVER]);
    throw error;
  }
}
