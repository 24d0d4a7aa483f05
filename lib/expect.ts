/** Rules for a summary, for use in CI. */
import { formatNumber, formatSeconds } from "./format.ts";
import { duration } from "./options.ts";
import type { Summary } from "./summary.ts";

/** What the summary has instead; undefined if the rule holds. */
export type Expectation = (summary: Summary) => string | undefined;

/** The times of the summary by their name in a rule. */
const parts = new Map(
  [
    ["response", "response"],
    ["ok", "okResponse"],
    ["wait", "wait"],
    ["elapsed", "elapsed"],
  ] as const,
);
const statistics = ["min", "mean", "p50", "p90", "p95", "p99", "max"];
const figures = ["ok", "failed", "unsent", "rate", "throughput", "success"]
  .concat("efficiency");

const holds: Record<string, (value: number, limit: number) => boolean> = {
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
};

/**
 * Reads a rule such as `p99<500ms`, `elapsed.p50<=60ms` or `success>=0.99`. A
 * bare percentile is the response time's, of all calls; `ok.p99` is that of those
 * that succeeded. What was not measured doesn't hold, nor does any rule about times
 * if no call succeeded: a failure may be fast.
 *
 * @throws {RangeError} when it is not such a rule
 */
export function parseExpectation(rule: string): Expectation {
  const [, path = "", sign = "", limitText = ""] =
    /^(\w+(?:\.\w+)?)\s*([<>]=?)\s*(\w[\w.]*)$/.exec(rule) ?? [];
  const [part, statistic] = path.includes(".")
    ? path.split(".", 2)
    : ["response", path];
  const times = parts.get(part as "ok");
  const isTime = times !== undefined && statistics.includes(statistic!);
  const limit = isTime
    ? duration("0s", "").parse([limitText])
    : Number(limitText || NaN);
  if (!isTime && !figures.includes(path) || Number.isNaN(limit)) {
    throw new RangeError(
      "takes a rule such as p99<500ms, ok.p99<500ms, elapsed.p50<=60ms or " +
        "success>=0.99",
    );
  }

  return (summary) => {
    if (isTime && summary.ok === 0) {
      return `expected ${rule}, but no call succeeded`;
    }
    const value: number | undefined = isTime
      ? summary[times]?.[statistic as "p50"]
      : summary[path as "rate"];
    if (value !== undefined && holds[sign]!(value, limit)) return undefined;
    const measured = isTime
      ? formatSeconds(value)
      : Number.isInteger(value)
      ? value
      : formatNumber(value);
    return `expected ${rule}, measured ${measured}`;
  };
}
