/** Compares sides by their trials: estimates, verdicts, cautions and tables. */
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
export { formatShare } from "./figures.ts";
export { type Estimate, meanOf, TOO_WIDE } from "./interval.ts";
export { unlessFailing, unreadRows, whyNoClaim } from "./no_claim.ts";
export { compareSides, readSides } from "./sides.ts";
export {
  FEWEST,
  inOrder,
  type Measure,
  type Side,
  startOf,
  unsteady,
} from "./steadiness.ts";
export { compare, type Comparison, leastTrials, MATTERS } from "./verdict.ts";
