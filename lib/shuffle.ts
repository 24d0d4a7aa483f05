/** The order of trials. */
import { shuffler } from "d3-array";
import { uniform } from "./delay.ts";

/** Shuffles copies of lists, each time anew, but always the same by its seed. */
export function seededShuffle(seed: number): <T>(list: T[]) => T[] {
  let drawn = 0;
  const shuffle = shuffler(() => uniform(seed, drawn++));
  return (list) => shuffle([...list]);
}
