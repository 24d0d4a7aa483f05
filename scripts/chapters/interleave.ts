/**
 * The order of trials. A randomised complete block design (Fisher, The Design of
 * Experiments, 1935): what befalls the machine for a while befalls all that is
 * compared, and nothing always comes first.
 */
import { range, shuffler } from "d3-array";
import { uniform } from "../servers/target/mod.ts";

/** The trials that a run was one of, and its turn among them. */
export interface Series {
  /** Another one for each series. */
  id: string;
  /** What the order was shuffled by. */
  seed: number;
  /** The round, in which everything is measured once; from 1. */
  trial: number;
  /**
   * From 1 on, through all trials, as they start. Runs that need each other, as
   * a producer and its consumer, share one.
   */
  place: number;
  /** How many places there are. */
  of: number;
}

/**
 * Whose turn it is when each of `things` is measured once in each trial: in an
 * order that is shuffled anew for each trial, but always the same by its seed.
 */
export function interleave<Thing>(
  things: Thing[],
  trials: number,
  seed = 1,
): { thing: Thing; series: Series }[] {
  const id = crypto.randomUUID();
  let drawn = 0;
  const shuffle = shuffler(() => uniform(seed, drawn++));
  const order = range(trials).flatMap(() => shuffle([...things]));
  return order.map((thing, index, { length: of }) => {
    const trial = Math.floor(index / things.length) + 1;
    return { thing, series: { id, seed, trial, place: index + 1, of } };
  });
}
