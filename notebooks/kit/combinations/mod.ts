/** Servers on routes: their figures, the comparison of all pairs, and charts. */
export { serversByRoute } from "./charts.ts";
export { type Combination, doubtOf, readCombinations } from "./combinations.ts";
export * as figures from "./figures.ts";
export {
  cpu,
  type Figure,
  generator,
  highest,
  lag,
  type Measure,
  measures,
  memory,
  p50,
  p99,
  requests,
  size,
  throughput,
  whole,
} from "./figures.ts";
export { doubts, failures, lostRows } from "./notices.ts";
export { comparePairs, finding, type Pair, ranking } from "./pairs.ts";
