/** Comparisons as tables and as JSON. */
import { formatNumber } from "../../../lib/format.ts";
import { visible, visibleLines } from "../../../lib/text.ts";
import { type Figure, figures, formatShare } from "./figures.ts";
import { type Estimate, TOO_WIDE } from "./interval.ts";
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
  const names = [a, b].map(({ label }, index) =>
    columnsOf(label) <= LONGEST ? label : "AB"[index]!
  ) as [string, string];
  const legend = [a, b].flatMap(({ label }, index) =>
    label === names[index] ? [] : wrapped(`${names[index]}: ${label}`, WIDEST)
  );
  const heading = [
    "",
    ...[a, b].map(({ trials }, index) => `${names[index]} (${trials.length})`),
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
      verdictOf(figure, comparison, { a, b }, names),
    ];
  });
  return [...legend, ...aligned([heading, ...rows])].join("\n") + "\n";
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
  if (because) return "not comparable";
  if (verdict === "lower" || verdict === "higher") return verdicts[verdict];
  return verdict === "no difference" ? `${verdict} shown` : verdict;
}

/** The same, with what it would take if the data are not enough. */
function verdictOf(
  figure: Figure,
  comparison: Comparison,
  { a, b }: Pick<Compared, "a" | "b">,
  [nameOfA, nameOfB]: [string, string],
): string {
  const word = wordFor(figure, comparison);
  const { verdict, because, moreTrials } = comparison;
  if (because || verdict !== "not enough data") return word;
  if (!moreTrials) {
    const isWrong = [a, b].some(({ trials }) =>
      trials.some(({ summary }) => summary.impossible)
    );
    return isWrong
      ? "not compared: impossible values"
      : `${word}: no call was timed`;
  }
  const [ofA, ofB] = [a.trials.length, b.trials.length];
  const whose = ofA === ofB ? "each" : `of ${ofA < ofB ? nameOfA : nameOfB}`;
  return `${word}: ${formatTrials(moreTrials, whose)}`;
}

/** As in `3 more trials of each`; of too many, that they are. */
export function formatTrials(count: number, whose: string): string {
  if (count === Infinity) return "more trials than can be measured";
  return `${formatCount(count)} more trial${count === 1 ? "" : "s"} ${whose}`;
}

export function formatCount(count: number): string {
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
function formatEstimate(
  estimate: Estimate | undefined,
  format: Figure["format"],
): string {
  if (!estimate) return "-";
  const { value, low, high, isWide } = estimate;
  if (isWide) return `- (${TOO_WIDE})`;
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

/**
 * The comparisons for a machine: times in seconds, shares from 0 to 1. Of more
 * trials than can be measured the number is null.
 */
export function toJson(comparisons: Compared[]) {
  return comparisons.map(({ a, b, found, cautions }) => ({
    a: described(a),
    b: described(b),
    figures: Object.fromEntries(figures.map((figure) => {
      const comparison = found.get(figure.name)!;
      const { difference, ratio } = comparison;
      return [figure.name, {
        ...comparison,
        difference: withoutWidth(difference),
        ratio: withoutWidth(ratio),
        verdict: wordFor(figure, comparison),
      }];
    })),
    cautions,
  }));
}

/** Leaves out an interval that is too wide. */
function withoutWidth(estimate: Estimate | undefined): Estimate | undefined {
  return estimate?.isWide ? { value: estimate.value, isWide: true } : estimate;
}

function described({ label, trials }: Side) {
  return { label, runs: trials.map(({ summary }) => summary.run) };
}

/** No line is wider. */
const WIDEST = 100;
/** Longer names stand above the table, which has a letter for them. */
const LONGEST = 16;
const NARROWEST = 20;

/**
 * Where a cell may go on in the next line of its row, if the table is too wide:
 * nowhere, before an interval, or in the middle of that too.
 */
const breaks = [/$^/, / (?=\()/, / (?=\(|to )/];

/**
 * Columns as wide as their widest cell; the first and the last to the left. What
 * is too wide for a line goes on in the next one.
 */
function aligned(rows: string[][]): string[] {
  const layouts = breaks.map((at) => inLines(rows, at));
  return layouts.find(isNarrow) ?? layouts.at(-1)!;
}

function isNarrow(lines: string[]): boolean {
  return lines.every((line) => columnsOf(line) <= WIDEST);
}

/** Rows whose cells are broken there, and the last one where its room ends. */
function inLines(rows: string[][], at: RegExp): string[] {
  const cells = rows.map((row, index) =>
    row.slice(0, -1).map((cell) => index === 0 ? [cell] : cell.split(at))
  );
  const widths = cells[0]!.map((_, column) =>
    Math.max(...cells.flatMap((row) => row[column]!.map(columnsOf)))
  );
  const used = widths.reduce((sum, width) => sum + width + GAP, 0);
  const isBroken = at !== breaks[0];
  const hasRoom = WIDEST - used >= NARROWEST || !isBroken;
  const room = !isBroken ? Infinity : hasRoom ? WIDEST - used : WIDEST - 12;
  return cells.flatMap((row, index) => {
    const verdict = wrapped(rows[index]!.at(-1)!, room);
    const beside = hasRoom ? verdict : [];
    const height = Math.max(beside.length, ...row.map(({ length }) => length));
    const lines = Array.from({ length: height }, (_, line) =>
      [
        ...row.map((parts, column) => {
          const part = parts[line] ?? "";
          const blank = " ".repeat(widths[column]! - columnsOf(part));
          return column === 0 ? part + blank : blank + part;
        }),
        beside[line] ?? "",
      ].join(" ".repeat(GAP)).trimEnd());
    const below = hasRoom || verdict[0] === "" ? [] : verdict;
    return [...lines, ...below.map((line) => " ".repeat(12) + line)];
  });
}

const GAP = 2;

/** Lines of no more columns; a word that is longer is cut. */
function wrapped(text: string, room: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    const longer = line === "" ? word : `${line} ${word}`;
    if (columnsOf(longer) <= room) {
      lines[lines.length - 1] = longer;
      continue;
    }
    const isLong = columnsOf(word) > room;
    let rest = isLong ? `${lines.pop()} `.trimStart() : "";
    for (const character of word) {
      if (columnsOf(rest + character) > room) {
        lines.push(rest);
        rest = "";
      }
      rest += character;
    }
    lines.push(rest);
  }
  return lines;
}

/** How many columns of a terminal a text takes: of many scripts two a letter. */
function columnsOf(text: string): number {
  return [...text].reduce(
    (sum, character) => sum + (character >= "\u1100" ? 2 : 1),
    0,
  );
}
