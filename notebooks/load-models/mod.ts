/** The two load models: trials and charts. */
export {
  bins,
  callsInTime,
  percentileCurve,
  ratesInTime,
} from "./load_charts.ts";
export { freezes, type Load } from "./loads.ts";
