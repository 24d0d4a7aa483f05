/** The labels of a chart, cut and thinned to their room: jsdom measures no text. */
/// <reference lib="dom" />
import { group, pairs, range } from "d3-array";

const LINE = 10;
const GAP = 4;

/** As in `0.05`, `0.10`, and in `200K` or `15M`, which have room on a phone. */
export function tickLabel(
  value: number,
  _index = 0,
  all: readonly number[] = [value],
): string {
  const most = Math.max(...all.map(Math.abs));
  const [size, unit] = most >= 1e6
    ? [1e6, "M"]
    : most >= 1e5
    ? [1e3, "K"]
    : [1];
  const sized = all.map((each) => Number((each / size!).toPrecision(12)));
  const digits = Math.max(...sized.map(decimals));
  const number = (value / size!).toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  if (value === 0) return "0";
  return unit ? number + unit : number;
}

function decimals(value: number): number {
  const [, fraction = ""] = String(value).split(".");
  return fraction.length;
}

/** Leaves every second label, or third and so on, where more have no room. */
export function thinTicks(chart: Element) {
  const labels = chart.querySelectorAll(`[aria-label$="axis tick label"] text`);
  for (const [, texts] of group(labels, (text) => text.parentElement)) {
    const isAcross = texts[0]!.closest(`[aria-label^="x-"]`) !== null;
    const placed = texts.map((text) => ({ text, ...sidesOf(text, isAcross) }))
      .sort((a, b) => a.middle - b.middle);
    const kept = range(1, placed.length + 1)
      .map((step) => placed.filter((_, index) => index % step === 0))
      .find((some) =>
        pairs(some).every(([one, next]) => one.to + GAP <= next.from)
      );
    for (const one of placed) if (!kept?.includes(one)) one.text.remove();
  }
}

/** Where a label begins and ends on its axis, in pixels. */
function sidesOf(text: Element, isAcross: boolean) {
  const [, x = 0, y = 0] =
    /translate\(([-\d.]+),([-\d.]+)\)/.exec(text.getAttribute("transform")!) ??
      [];
  const [middle, size] = isAcross
    ? [Number(x), widthOf(text.textContent)]
    : [Number(y), LINE];
  return { middle, from: middle - size / 2, to: middle + size / 2 };
}

const FONT_SIZE = 13;
const ELLIPSIS = "\u2026";
/** No chart has room for more signs. */
const LONGEST = 1000;

/** In ems of a bold system font, rather too wide than too narrow. */
function emsOf(sign: string): number {
  if (/[ijltfrI.,:;'|!()[\] ]/.test(sign)) return 0.4;
  if (/[mwMW@%]/.test(sign)) return 1;
  if (/[A-Z]/.test(sign)) return 0.77;
  return sign < "\u1100" ? 0.69 : 1.1;
}

/** In pixels, as charts write it. */
export function widthOf(text: string): number {
  return FONT_SIZE * [...text].reduce((ems, sign) => ems + emsOf(sign), 0);
}

/** The text, or as much of it as has room, and an ellipsis. */
export function shortened(text: string, pixels: number): string {
  if (text.length < LONGEST && widthOf(text) <= pixels) return text;
  let left = pixels / FONT_SIZE - emsOf(ELLIPSIS);
  let kept = "";
  for (const sign of text) {
    left -= emsOf(sign);
    if (left < 0) break;
    kept += sign;
  }
  return kept.trimEnd() + ELLIPSIS;
}
