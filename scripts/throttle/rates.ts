/** Rate limits as an option of the command line. */
import { duration, type Option } from "../../lib/options.ts";
import type { Rate } from "./pace.ts";

/** Rate limits such as `100`, `20/1s` or `20/1s,100/120s`. */
export function rates(fallback: string, help: string): Option<Rate[]> {
  const { parse: parseTime } = duration("1s", "", { aboveZero: true });
  function parse(texts: string[]) {
    return texts.at(-1)!.split(",").map((text) => {
      const [, limit, per = "1s"] = /^(\d+(?:\.\d+)?)(?:\/(.+))?$/.exec(text) ??
        [];
      if (Number(limit) > 0) {
        return { limit: Number(limit), per: parseTime([per]) };
      }
      throw new RangeError("takes rates above 0 such as 100 or 20/1s,100/120s");
    });
  }
  return {
    hint: "RATE",
    help,
    fallback: parse([fallback]),
    shown: fallback,
    parse,
  };
}
