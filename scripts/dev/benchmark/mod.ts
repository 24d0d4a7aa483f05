export { benchmarkCoverage, coverageSeconds } from "./coverage.ts";
export { startInstant } from "./instant.ts";
export { benchmarkKills, killsSeconds } from "./kills.ts";
export { benchmarkMemory, memorySeconds } from "./memory.ts";
export { benchmarkQueue, queueSeconds } from "./queue_loss.ts";
export { benchmarkRate, rateSeconds } from "./rate.ts";
export {
  benchmarkReport,
  printReportHeading,
  reportSeconds,
} from "./report_bench.ts";
export { benchmarkSpeed, speedSeconds } from "./speed.ts";
export { benchmarkKnownTruth, knownTruthSeconds } from "./truth_bench.ts";
export { benchmarkUsers, usersSeconds } from "./users_bench.ts";
export {
  benchmarkPlanted,
  benchmarkSame,
  plantedSeconds,
  sameSeconds,
} from "./verdicts.ts";
