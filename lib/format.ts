/** Numbers and texts as a person reads them. */

/** Three digits, with the unit that suits: 0.0123 is `12.3 ms`. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  const [value, unit] = Math.abs(seconds) < 0.9995
    ? [seconds * 1000, "ms"]
    : [seconds, "s"];
  return `${formatNumber(value)} ${unit}`;
}

/** So large a number is read by how many digits it has. */
const LARGE = 1e12;

/**
 * Three digits: 1234.5 is `1,235`, 12.345 is `12.3`, 0.12345 is `0.123`; and
 * 1234567890123 is `1.23e+12`.
 */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "-";
  if (Math.abs(value) >= LARGE) return value.toExponential(2);
  // Of the rounded value, so that 9.9999 is 10.0.
  const rounded = Math.abs(Number(value.toPrecision(3))) || 1;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(rounded)));
  return value.toLocaleString("en-US", {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  });
}

/** Units of bytes, decimal. */
export const sizes = { GB: 1e9, MB: 1e6, KB: 1000 };

/** As exact as it was typed: 1500000 is `1500KB`, 1234 is `1234 bytes`. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of Object.entries(sizes)) {
    if (bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes} bytes`;
}
