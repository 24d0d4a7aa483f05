/** Reads results back as trials: rows, summaries, and how a run was made. */
export {
  calledTheSame,
  isEmbedded,
  isLoopback,
  pagesOf,
  withoutKey,
} from "./called_servers.ts";
export { readDetails, type Run } from "./details.ts";
export {
  type MeasuredQueue,
  producersIn,
  type QueueTrial,
  readQueue,
  runsOf,
} from "./queue_trials.ts";
export {
  cutOff,
  isCutOff,
  type Measured,
  measuredNames,
  medianTrial,
  MOST_IN_BINS,
  readRuns,
  readTrials,
  type Trial,
  wholeOnes,
} from "./trials.ts";
