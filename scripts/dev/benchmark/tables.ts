/** Tables on the terminal. */
import { median } from "d3-array";
import { interleave } from "../../chapters/mod.ts";

/** A line of cells, the first of which is the row's name. */
export function printLine(name: string, cells: string[], width = 16) {
  const line = name.padEnd(20) + cells.map((cell) => cell.padStart(width))
    .join("");
  console.log(line.trimEnd());
}

/** Milliseconds with two decimals. */
export function milliseconds(seconds: number): string {
  return (seconds * 1000).toFixed(2);
}

/** A cell with a mark where its goal is missed. */
export function judged(cell: string, reached: boolean): string {
  return reached ? `${cell} ` : `${cell}!`;
}

/** The median of each figure over the trials. */
export function medians(trials: number[][]): number[] {
  return trials[0]!.map((_, place) =>
    median(trials, (figures) => figures[place])!
  );
}

/** What each of `names` comes to: they are interleaved, so that all share a noise. */
export async function inTurns<Name extends string>(
  names: Name[],
  trials: number,
  measure: (name: Name) => Promise<number[]>,
): Promise<Record<Name, number[]>> {
  const measured = {} as Record<Name, number[][]>;
  for (const { thing } of interleave(names, trials)) {
    (measured[thing] ??= []).push(await measure(thing));
  }
  return Object.fromEntries(
    names.map((name) => [name, medians(measured[name])]),
  ) as Record<Name, number[]>;
}
