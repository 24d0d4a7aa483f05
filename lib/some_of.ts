/** The option that has only some parts of a script run. */
import type { Option } from "./options.ts";

/** Takes some of `parts`, with commas between them; all of them by default. */
export function someOf<Part extends string>(
  parts: readonly Part[],
): Option<readonly Part[]> {
  return {
    hint: "PARTS",
    help: `some of ${parts.join(",")}`,
    fallback: parts,
    shown: "all",
    parse(texts) {
      const given = texts.at(-1)!.split(",") as Part[];
      if (given.every((part) => parts.includes(part))) return given;
      throw new RangeError(`takes some of ${parts.join(",")}`);
    },
  };
}
