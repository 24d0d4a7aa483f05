/** Numbers and sentences as a page writes them. */

/** Four digits, however small: 0.0000123456 is `0.00001235`. */
export function formatClosely(value: number | undefined): string {
  if (value === undefined) return "-";
  const rounded = Math.abs(value) < 1000
    ? Number(value.toPrecision(4))
    : Math.round(value);
  return rounded.toLocaleString("en-US", { maximumSignificantDigits: 15 });
}

/** As a sentence begins. */
export function capitalize(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
