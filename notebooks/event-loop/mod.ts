/** The webhook's routes: trials, charts, tables and profiles. */
export { atOnceChart, requestCounts } from "./at_once_chart.ts";
export { handOverOf } from "./hand_over.ts";
export { contrastMedians, ladderChart, timesAndLags } from "./ladder_charts.ts";
export { ladderTable, matrixTable, sustainedTable } from "./ladder_tables.ts";
export {
  isMedianUnknown,
  peakMemory,
  readRungs,
  type Rung,
} from "./ladder_trials.ts";
export {
  busiest,
  type Call,
  profileTable,
  readProfile,
  usedOf,
} from "./profile_tree.ts";
