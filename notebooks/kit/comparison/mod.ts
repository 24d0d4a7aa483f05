export {
  isFromSent,
  machineOf,
  notInterleaved,
  otherPlaces,
} from "./cautions.ts";
export {
  formatComparisons,
  formatCount,
  formatTrials,
  toJson,
  withUnitOnce,
} from "./comparison_table.ts";
export { parseExpectation } from "./expectation.ts";
export { figures, formatShare } from "./figures.ts";
export {
  differenceOf,
  type Estimate,
  meanOf,
  ratioOf,
  TOO_WIDE,
} from "./interval.ts";
export { unreadRows, whyNoClaim } from "./lost_rows.ts";
export { compareBy, compareSides, readSides } from "./sides.ts";
export {
  FEWEST,
  inOrder,
  type Measure,
  type Side,
  startOf,
  unsteady,
} from "./steadiness.ts";
export { unlessFailing } from "./success.ts";
export { compare, type Comparison, leastTrials, MATTERS } from "./verdict.ts";
