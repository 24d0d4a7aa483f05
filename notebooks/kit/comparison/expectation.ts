/** Expectations of a comparison, for use in CI. */
import { figures, formatShare } from "./figures.ts";
import { formatChange } from "./comparison_table.ts";
import type { Comparison } from "./verdict.ts";

/**
 * Says what was found instead; undefined if the expectation is sure to hold.
 *
 * @param found the comparison of each figure, by its name
 */
type Expectation = (
  found: Map<string, Comparison>,
) => string | undefined;

/**
 * Reads a rule such as `p99<=+5%`, which is about how much more the figure is
 * than on the first side. It holds if the whole 95 % interval does: what the
 * trials leave open is no ground to go on.
 *
 * @throws {RangeError} when it is not such a rule
 */
export function parseExpectation(rule: string): Expectation {
  const [, name = "", sign, number] =
    /^(\w+)\s*([<>]=?)\s*([+-]?\d+(?:\.\d+)?)\s*%$/.exec(rule) ?? [];
  if (!figures.some((figure) => figure.name === name)) {
    throw new RangeError(
      "takes a rule such as p99<=+5% or throughput>=-2%; the figures are " +
        figures.map(({ name }) => name).join(", "),
    );
  }
  const limit = Number(number) / 100;
  const holds = (share: number) =>
    sign!.startsWith("<") ? share < limit : share > limit;
  const within = (share: number) =>
    holds(share) || sign!.endsWith("=") && share === limit;

  return (found) => {
    const { difference, ratio, because, moreTrials } = found.get(name)!;
    const expected = `expected ${rule}`;
    if (because) return `${expected}, but ${because}`;
    if (!difference) return `${expected}, which was not measured on both sides`;
    if (!ratio) return `${expected}, but a side has 0, and no share of it`;
    const { low, high } = ratio;
    const measured = `${expected}, measured ${
      formatChange(ratio, formatShare)
    }`;
    if (low === undefined || high === undefined) {
      return `${measured}: not enough trials to be sure` +
        (moreTrials ? `; ${moreTrials} more of each side may do` : "");
    }
    if (within(low) && within(high)) return undefined;
    const isBroken = !within(low) && !within(high);
    return isBroken ? measured : `${measured}: it may hold or not`;
  };
}
