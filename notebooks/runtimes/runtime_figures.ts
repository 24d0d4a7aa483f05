/** The figures by which runtimes are compared at each job. */
import { formatSeconds } from "../../lib/format.ts";
import { cutOff, isCutOff, type Trial } from "../kit/trials/mod.ts";
import {
  cpu,
  type Measure,
  memory,
  p50,
  throughput,
} from "../kit/combinations/mod.ts";

/** At what a client is meant to be busy, that is no reason to doubt it. */
const doubt = ({ run }: Trial) =>
  run && isCutOff(run) ? `it ${cutOff(run)}` : undefined;

/** The first start is of what was in no cache, and stands for itself. */
export const coldStart = ({ run }: Trial) =>
  run?.series?.trial === 1 ? run.process?.start : undefined;

export const start: Measure = {
  ...p50,
  name: "start",
  what: "the time to start",
  of: ({ run }) => run?.series?.trial === 1 ? undefined : run?.process?.start,
  axis: "from the start of the process",
  doubt,
  sentence:
    "From the start of the process until its first call has come to a " +
    "server, or until it listens itself.",
  says: (high, share, low) => `${high} takes ${share} longer than ${low}`,
};

export const calls: Measure = {
  ...throughput,
  name: "calls",
  what: "calls per second",
  axis: "calls answered OK per second",
  doubt,
  says: (high, share, low) =>
    `${high} makes ${share} more calls a second than ${low}`,
};

export const cpuOfCalls: Measure = {
  ...cpu,
  name: "cpu-of-calls",
  what: "processor time for 1,000 calls",
  of: ({ run, summary }) =>
    run?.cpu !== undefined && summary.throughput
      ? 1000 * run.cpu / summary.throughput
      : undefined,
  axis: "processor time for 1,000 calls answered OK",
  doubt,
  sentence:
    "By the client's own account, of all its threads; writing the rows " +
    "is in it.",
  says: (high, share, low) =>
    `${high} takes ${share} more processor time for a call than ${low}`,
};

export const late: Measure = {
  ...p50,
  name: "late",
  what: "how late calls are sent",
  of: ({ summary }) => summary.wait?.p99,
  axis: "sent later than due, p99",
  doubt,
  sentence: "One call in a hundred was sent later than that after it was due.",
  says: (high, share, low) =>
    `the p99 of how late calls are sent is ${share} longer with ${high} than ` +
    `with ${low}`,
};

export const peak: Measure = {
  ...memory,
  of: ({ run }) => {
    const bytes = run?.server?.memory ?? run?.process?.memory;
    return bytes && bytes / 1e6;
  },
  doubt,
  sentence: "The most that was resident at once, the runtime itself included.",
};

export const total: Measure = {
  ...p50,
  name: "total",
  what: "the total time",
  of: ({ summary }) => summary.ok > 0 ? summary.seconds : undefined,
  format: formatSeconds,
  axis: "total time",
  sentence: "From the first call being due to the last one's end.",
  says: (high, share, low) => `${high} takes ${share} longer than ${low}`,
};
