/** Rate limits as an option of the command line. */
import { duration, option } from "../../lib/options.ts";
import type { Rate } from "./pace.ts";

const { parse: parseTime } = duration("1s", "", { aboveZero: true });

/** Rate limits such as `100`, `20/1s` or `20/1s,100/120s`. */
export function rates(fallback: string, help: string) {
  return option("RATE", help, fallback, readRates);
}

function readRates(text: string): Rate[] {
  return text.split(",").map((rate) => {
    const [, limit, per = "1s"] = /^(\d+(?:\.\d+)?)(?:\/(.+))?$/.exec(rate) ??
      [];
    if (Number(limit) > 0) {
      return { limit: Number(limit), per: parseTime([per]) };
    }
    throw new RangeError("takes rates above 0 such as 100 or 20/1s,100/120s");
  });
}
