/** The figures by which sides are compared. */
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import type { Distribution } from "../../../lib/statistics.ts";
import type { Summary } from "../../../lib/summary.ts";

export interface Figure {
  name: string;
  /** Of one trial; undefined where it was not measured. */
  of(summary: Summary): number | undefined;
  format(value: number | undefined): string;
  /** Of a difference, if not as the value. */
  formatDifference?(value: number | undefined): string;
  /** What a side is of which it is lower, and higher. */
  verdicts: { lower: string; higher: string };
}

/** As `p50`, the response time in seconds: from due to the last byte. */
function time(name: keyof Distribution): Figure {
  return {
    name,
    // Where nothing succeeded, these are the times of failing.
    of: ({ ok, response }) => ok > 0 ? response?.[name] : undefined,
    format: formatSeconds,
    verdicts: { lower: "faster", higher: "slower" },
  };
}

export const timeFigures = (["p50", "p90", "p99", "mean"] as const).map(time);

export const figures: Figure[] = [
  ...timeFigures,
  {
    name: "throughput",
    of: ({ throughput }) => throughput,
    format: (value) => value === undefined ? "-" : `${formatNumber(value)}/s`,
    verdicts: { lower: "slower", higher: "faster" },
  },
  {
    name: "success",
    of: ({ success }) => success,
    format: formatShare,
    formatDifference: (value = 0) => `${formatNumber(value * 100)} points`,
    verdicts: { lower: "fewer succeed", higher: "more succeed" },
  },
];

/** A share as a person reads it: 0.0512 is `5.12 %`. */
export function formatShare(share: number | undefined): string {
  return share === undefined ? "-" : `${formatNumber(share * 100)} %`;
}
