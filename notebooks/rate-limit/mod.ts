/** The strategies against rate limits: counts and charts. */
export {
  count,
  extremes,
  overTime,
  percent,
  range,
  refusedChart,
  type Strategy,
  trialsOfEach,
  usedChart,
} from "./limit_charts.ts";
export {
  type Counted,
  differences,
  isSame,
  readCounted,
  used,
} from "./server_counts.ts";
