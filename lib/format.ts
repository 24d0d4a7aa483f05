/** Numbers as a person reads them. */

/** Three digits, with the unit that suits: 0.0123 is `12.3 ms`. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  const [value, unit] = Math.abs(seconds) < 0.9995
    ? [seconds * 1000, "ms"]
    : [seconds, "s"];
  return `${formatNumber(value)} ${unit}`;
}

/** Three digits: 1234.5 is `1,235`, 12.345 is `12.3`, 0.12345 is `0.123`. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "-";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString("en-US", {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  });
}
