export {
  elapsed,
  everyCall,
  milliseconds,
  overOptimum,
  total,
} from "./style_charts.ts";
