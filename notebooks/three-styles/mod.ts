/** The charts of the styles. */
export {
  elapsed,
  everyCall,
  milliseconds,
  overOptimum,
  total,
} from "./style_charts.ts";
