/** The figures by which servers are compared on each route. */
import { sum } from "d3-array";
import { formatNumber, formatSeconds } from "../../../lib/format.ts";
import type { Distribution } from "../../../lib/statistics.ts";
import type { Trial } from "../trials/mod.ts";
import { generatorShare } from "./combinations.ts";
import { type Format, percent } from "../mean_interval.ts";

/** What is drawn of each trial. */
export interface Figure {
  /** Its chart's name. */
  name: string;
  /** Undefined where it was not measured. */
  of(trial: Trial): number | undefined;
  format: Format;
  /** What its axis shows; times, which are in seconds, get their unit there. */
  axis: string;
  isTime?: boolean;
  /** How the chart is to be read, or what it means. */
  sentence: string;
  /** Where a trial's figure is not a point but the start of an interval. */
  upTo?(trial: Trial): number | undefined;
  /** Why a trial's figure is in doubt, if not for what its run has. */
  doubt?(trial: Trial): string | undefined;
  /** Values that are marked by a line across the chart. */
  marks?: number[];
}

/** What servers are compared by. */
export interface Measure extends Figure {
  /** As in "No difference shown in ...". */
  what: string;
  /** A sentence: the first has this share more than the second. */
  says(high: string, share: string, low: string): string;
}

const answered = "answered OK";

/** Where nothing succeeded, the times are those of failing. */
function time(
  p: keyof Distribution,
): Pick<Measure, "of" | "format" | "isTime"> {
  return {
    of: ({ summary: { ok, response } }) => ok > 0 ? response?.[p] : undefined,
    format: formatSeconds,
    isTime: true,
  };
}

export const p50: Measure = {
  name: "p50",
  what: "the median response time",
  ...time("p50"),
  axis: "response time, p50",
  sentence: "Response time is from due to the last byte; half of the " +
    "requests took no longer.",
  says: (high, share, low) =>
    `the median request takes ${share} longer with ${high} than with ${low}`,
};

export const p99: Measure = {
  name: "p99",
  what: "the p99 of the response time",
  ...time("p99"),
  axis: "response time, p99",
  sentence: "One request in a hundred took longer.",
  says: (high, share, low) =>
    `the p99 is ${share} longer with ${high} than with ${low}`,
};

export const throughput: Measure = {
  name: "throughput",
  what: "requests per second",
  of: ({ summary }) => summary.throughput,
  format: formatNumber,
  axis: `requests ${answered} per second`,
  sentence: "The time is that of the whole trial, from the first request " +
    "being due to the last one's end.",
  says: (high, share, low) =>
    `${high} answers ${share} more requests a second than ${low}`,
};

export const size: Measure = {
  name: "size",
  what: "the size of the answers",
  of({ summary: { status, bytesIn } }) {
    const answers = sum(Object.values(status));
    return answers > 0 ? bytesIn / answers : undefined;
  },
  format: whole,
  axis: "content of an answer (bytes)",
  sentence: "The mean size of the bodies, those of refusals included.",
  says: (high, share, low) =>
    `the answers of ${high} are ${share} larger than those of ${low}`,
};

export const requests: Measure = {
  name: "requests",
  what: "the number of requests",
  of: ({ summary }) => summary.attempts,
  format: whole,
  axis: "requests in a trial",
  sentence: "All that were sent, failed ones included. Users send the more, " +
    "the sooner they have their answers.",
  says: (high, share, low) => `${high} gets ${share} more requests than ${low}`,
};

export const highest: Measure = {
  name: "highest",
  what: "the highest rate that holds",
  of: ({ run }) => run?.highest && (run.highest.held ?? 0),
  upTo: ({ run }) => run?.highest?.broken,
  doubt: ({ run }) =>
    run?.highest?.limited ? "the generator ended the search" : undefined,
  format: formatNumber,
  axis: "highest rate that held (requests per second)",
  sentence:
    "Each line starts at the highest rate at which a search found the " +
    "rule to hold, and ends at the lowest at which it broke; where it is a " +
    "cross the generator ended the search, and the server may hold more. The " +
    "mean is of the rates that held.",
  says: (high, share, low) =>
    `${high} holds at a rate that is ${share} higher than with ${low}`,
};

export const cpu: Measure = {
  name: "cpu",
  what: "processor time for 1,000 requests",
  of: ({ summary, run }) =>
    run?.server && summary.throughput
      ? 1000 * run.server.cpu / summary.throughput
      : undefined,
  format: formatSeconds,
  isTime: true,
  axis: `processor time for 1,000 requests ${answered}`,
  sentence: "By the server's own account, of all its threads.",
  says: (high, share, low) =>
    `${high} takes ${share} more processor time for a request than ${low}`,
};

export const memory: Measure = {
  name: "memory",
  what: "peak memory",
  of: ({ run }) => run?.server && run.server.memory / 1e6,
  format: (value) => `${formatNumber(value)} MB`,
  axis: "peak resident memory (MB)",
  sentence: "By the server's own account, from its start on.",
  says: (high, share, low) => `${high} takes ${share} more memory than ${low}`,
};

export const lag: Measure = {
  name: "lag",
  what: "the lag of the event loop",
  of: ({ run }) => run?.server?.lag?.p99,
  format: formatSeconds,
  isTime: true,
  axis: "lag of the event loop, p99",
  sentence: "How much later than due the server's event loop came round, by " +
    "its own account: for so long a request that arrives finds nobody there.",
  says: (high, share, low) =>
    `the event loop's p99 lag is ${share} longer in ${high} than in ${low}`,
};

/** Of the processor time that it and the server took, in per cent. */
export const generator: Figure = {
  name: "generator",
  of: (trial) => {
    const share = generatorShare(trial);
    return share === undefined ? undefined : 100 * share;
  },
  format: percent,
  axis: "the generator's share of the processor time (%)",
  marks: [50],
  sentence:
    "Right of the dashed line the generator took more than the server " +
    "that it was to measure.",
};

/** Those of which all pairs of servers are compared, in the order of the page. */
export const measures = [
  ...[p50, p99, throughput, size, requests],
  ...[highest, cpu, memory, lag],
];

/** As in `1,234`. */
export function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}
