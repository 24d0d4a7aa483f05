/** Comparisons as a person reads them. */
import { formatNumber } from "../format.ts";
import { visible, visibleLines } from "../visible.ts";
import { type Figure, figures, formatShare } from "./figures.ts";
import type { Estimate } from "./interval.ts";
import type { Compared } from "./sides.ts";
import type { Side } from "./steadiness.ts";
import type { Comparison } from "./verdict.ts";

/** A table for each comparison, and below them what to beware of. */
export function formatComparisons(comparisons: Compared[]): string {
  const cautions = new Set(comparisons.flatMap(({ cautions }) => cautions));
  return visibleLines([
    ...comparisons.map(formatCompared),
    footnote(comparisons),
    ...[...cautions].map((caution) => `CAUTION: ${visible(caution)}`),
  ].join("\n"));
}

function formatCompared({ a, b, found }: Compared): string {
  const heading = [
    "",
    ...[a, b].map(({ label, trials }) => `${label} (${trials.length})`),
    "difference",
    "in per cent",
    "",
  ];
  const rows = figures.map((figure) => {
    const comparison = found.get(figure.name)!;
    const { difference, ratio } = comparison;
    return [
      figure.name,
      ...[a, b].map(({ trials }, index) => {
        const value = index === 0 ? comparison.a : comparison.b;
        return trials.length > 1
          ? figure.format(value?.value)
          : formatEstimate(value, figure.format);
      }),
      formatChange(difference, figure.formatDifference ?? figure.format),
      formatChange(ratio, formatShare),
      verdictOf(figure, comparison, { a, b }),
    ];
  });
  return aligned([heading, ...rows]).join("\n") + "\n";
}

function footnote(comparisons: Compared[]): string {
  const verdicts = comparisons.length * figures.length;
  const single = comparisons.some(({ a, b }) =>
    [a, b].some(({ trials }) => trials.length === 1)
  );
  const level = formatNumber(100 - 5 / verdicts);
  return [
    "Means over the trials (how many), with intervals of 95 %. A verdict asks " +
    `for ${level} %,`,
    `so that all ${verdicts} hold together in 95 % of cases.` +
    (single ? " The interval of a single trial is that" : ""),
    ...single
      ? ["of its calls, and doesn't say by how much trials differ."]
      : [],
  ].join("\n");
}

/** What side b is, in a word or two. */
function wordFor(
  { verdicts }: Figure,
  { verdict, because }: Comparison,
): string {
  if (because) return "no verdict";
  if (verdict === "lower" || verdict === "higher") return verdicts[verdict];
  return verdict === "no difference" ? `${verdict} shown` : verdict;
}

/** The same, with what it would take if the data are not enough. */
function verdictOf(
  figure: Figure,
  comparison: Comparison,
  { a, b }: Pick<Compared, "a" | "b">,
): string {
  const word = wordFor(figure, comparison);
  const { verdict, because, moreTrials } = comparison;
  if (because) return `${word}: see CAUTION`;
  if (verdict !== "not enough data") return word;
  if (!moreTrials) return `${word}: no call succeeded, or none was timed`;
  const [ofA, ofB] = [a.trials.length, b.trials.length];
  const whose = ofA === ofB ? "each" : `of ${ofA < ofB ? a.label : b.label}`;
  const more = formatCount(moreTrials);
  return `${word}: ${more} more trial${moreTrials === 1 ? "" : "s"} ${whose}`;
}

function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A change with its interval: `+3.10 % (-2.00 to +8.20 %)`. */
export function formatChange(
  change: Estimate | undefined,
  format: Figure["format"],
): string {
  const signed = (value = 0) => (value > 0 ? "+" : "") + format(value);
  return formatEstimate(change, signed);
}

/** An estimate with its interval: `61.2 ms (59.0 to 63.4 ms)`. */
export function formatEstimate(
  estimate: Estimate | undefined,
  format: Figure["format"],
): string {
  if (!estimate) return "-";
  const { value, low, high } = estimate;
  if (low === undefined) return format(value);
  return `${format(value)} (${withUnitOnce(format(low), format(high))})`;
}

/** As in `1.20 to 1.30 s`. */
export function withUnitOnce(from: string, to: string): string {
  const [unit] = /[^\d]*$/.exec(to)!;
  const number = from.endsWith(unit)
    ? from.slice(0, -unit.length || undefined)
    : from;
  return `${number} to ${to}`;
}

/** The comparisons for a machine: times in seconds, shares from 0 to 1. */
export function toJson(comparisons: Compared[]) {
  return comparisons.map(({ a, b, found, cautions }) => ({
    a: described(a),
    b: described(b),
    figures: Object.fromEntries(figures.map((figure) => {
      const comparison = found.get(figure.name)!;
      return [
        figure.name,
        { ...comparison, verdict: wordFor(figure, comparison) },
      ];
    })),
    cautions,
  }));
}

function described({ label, trials }: Side) {
  return { label, runs: trials.map(({ summary }) => summary.run) };
}

/** Columns as wide as their widest cell; the first and the last to the left. */
function aligned(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 || column === row.length - 1
        ? cell.padEnd(widths[column]!)
        : cell.padStart(widths[column]!)
    ).join("  ").trimEnd()
  );
}
