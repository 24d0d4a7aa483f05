/** Percentiles as a curve, on an axis that gives each further nine its room. */
import type { ScaleOptions } from "@observablehq/plot";
import { quantileSorted } from "d3-array";

/** The time that the share `p`, from 0 to 1, of ascending times is below. */
export function percentile(sorted: Float64Array, p: number): number {
  return quantileSorted(sorted as unknown as number[], p)!;
}

const POINTS = 200;

/**
 * Points of a percentile curve, of ascending times. Of `decades` n, one in 10^n
 * calls takes longer: n is log10(1 / (1 - p)).
 */
export function quantiles(sorted: Float64Array) {
  const parts = Math.min(POINTS, sorted.length);
  return Array.from({ length: parts }, (_, index) => {
    const share = index / Math.max(1, parts - 1);
    const decades = share * Math.log10(sorted.length);
    const below = 1 - 10 ** -decades;
    return {
      decades,
      percent: 100 * below,
      time: percentile(sorted, below),
    };
  });
}

/**
 * The axis of those decades, `width` pixels long, up to one in `most` calls.
 * Not Plot's logarithm, which leaves out labels between powers of ten.
 */
export function percentileAxis(most: number, width: number): ScaleOptions {
  return {
    domain: [0, Math.log10(most)],
    label: "percentile",
    labelArrow: "none",
    grid: true,
    ticks: percentileTicks(most, width).map(Math.log10),
    tickFormat: (decades: number) => percentileLabel(10 ** decades),
  };
}

/** The width of a letter, in pixels. */
const LETTER = 7;

/** Those whose labels have room beside each other, from the right. */
function percentileTicks(most: number, width: number): number[] {
  let free = Infinity;
  return [1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 2, 1].filter((tick) => {
    const middle = Math.log(tick) / Math.log(most) * width;
    const half = percentileLabel(tick).length * LETTER / 2;
    if (tick > most || middle + half > free) return false;
    free = middle - half - LETTER;
    return true;
  });
}

/** As in `99.9 %`, if one call of `of` takes longer. */
function percentileLabel(of: number): string {
  if (of === 1) return "0";
  return `${Number((100 - 100 / of).toPrecision(8))} %`;
}
