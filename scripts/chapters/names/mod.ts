export {
  findRuntime,
  notThere,
  type Runtime,
  type RuntimeName,
  runtimeNames,
} from "./find_runtime.ts";
export { routeNames, serverNames } from "./framework_names.ts";
export { HAND_OVER, handOverOf } from "./hand_over.ts";
export {
  consumerRoute,
  ends,
  lagFile,
  matrix,
  nameOf,
  parts,
  places,
  profileFile,
  rungs,
  ways,
} from "./ladder_steps.ts";
export { jobNames, nameOfJob, partsOf, serverJobs } from "./runtime_jobs.ts";
