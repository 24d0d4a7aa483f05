/** How wide a text is, where nobody can measure it. */

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
