/** Counts of values in bins with round limits, for charts of too many points. */
import { bisectRight, max, min, tickIncrement } from "d3-array";

interface Bin {
  x1: number;
  x2: number;
  count: number;
}

interface Cell extends Bin {
  y1: number;
  y2: number;
}

type Numbers = number[] | Float64Array;

/**
 * The limits of about this many bins for all values of some lists: the first at or
 * below the least, the last above the most. Plot.bin has the same limits, but is
 * far slower, because it puts each value into a list.
 */
export function limitsOf(lists: Numbers[], about: number): number[] {
  const least = min(lists, (values) => min(values)) ?? 0;
  const most = max(lists, (values) => max(values)) ?? 0;
  const step = tickIncrement(least, most, about);
  if (!Number.isFinite(step) || step === 0) return [least, least];
  // A step below 1 is negative: -20 stands for 1/20.
  const at = (n: number) => step > 0 ? n * step : n / -step;
  const near = (value: number) =>
    Math.round(step > 0 ? value / step : value * -step);
  let first = near(least);
  let last = near(most);
  if (at(first) > least) first--;
  if (at(last) <= most) last++;
  return Array.from({ length: last - first + 1 }, (_, n) => at(first + n));
}

/** How many values are in each bin that has any. */
export function countBins(values: Numbers, limits: number[]): Bin[] {
  const bins = new Float64Array(limits.length - 1);
  const binOf = finder(limits);
  for (let index = 0; index < values.length; index++) {
    bins[binOf(values[index]!)]!++;
  }
  return Array.from(bins, (count, bin) => ({
    x1: limits[bin]!,
    x2: limits[bin + 1]!,
    count,
  })).filter(({ count }) => count > 0);
}

/** How many points are in each cell that has any, of a grid with these limits. */
export function countCells(
  xs: Numbers,
  ys: Numbers,
  xLimits: number[],
  yLimits: number[],
): Cell[] {
  const height = yLimits.length - 1;
  const cells = new Float64Array((xLimits.length - 1) * height);
  const [columnOf, lineOf] = [finder(xLimits), finder(yLimits)];
  for (let index = 0; index < xs.length; index++) {
    cells[columnOf(xs[index]!) * height + lineOf(ys[index]!)]!++;
  }
  return Array.from(cells, (count, cell) => {
    const [x, y] = [Math.floor(cell / height), cell % height];
    const [x1, x2] = [xLimits[x]!, xLimits[x + 1]!];
    return { x1, x2, y1: yLimits[y]!, y2: yLimits[y + 1]!, count };
  }).filter(({ count }) => count > 0);
}

/** Finds the bin of a value; of values in a row it nearly always is the same. */
function finder(limits: number[]): (value: number) => number {
  const most = limits.length - 2;
  let bin = 0;
  return (value) => {
    const isHere = limits[bin]! <= value && value < limits[bin + 1]!;
    if (isHere) return bin;
    const found = bisectRight(limits, value) - 1;
    return bin = Math.min(Math.max(0, found), most);
  };
}
