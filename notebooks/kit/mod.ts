/** Parts of a page and of a chart, sentences about comparisons, and reports. */
export { countCells, limitsOf } from "./bins.ts";
export {
  callsOf,
  type CallTimes,
  callTimesOf,
  firstDue,
  idOf,
  knownServer,
  outcomeOf,
  responseTime,
} from "./calls.ts";
export { fewTrials, otherCauses } from "./caveats.ts";
export {
  cell,
  figuresHeading,
  figuresRow,
  reading,
} from "./chapter_figures.ts";
export { findNotebooks, writeChapters } from "./chapters.ts";
export {
  area,
  axis,
  type Chart,
  density,
  dotsOrBins,
  facetLabels,
  facets,
  figure,
  line,
  MAXIMUM_POINTS,
  meansWithIntervals,
  type Strip,
  strips,
  summaryHeading,
  summaryOf,
  sureOf,
  trialStrips,
} from "./chart.ts";
export { apart, conclusion, contrast, failures, times } from "./claims.ts";
export { format, formats } from "./formats.ts";
export { bullets, type Html, html, table, unbroken } from "./html.ts";
export { readList } from "./json_list.ts";
export { impossible, leftOut } from "./left_out.ts";
export {
  type Figure,
  type Format,
  margin,
  percent,
  plusMinus,
  type Spread,
  spread,
  spreadBy,
  spreadOf,
} from "./mean_interval.ts";
export { comparable, newestSeries } from "./newest.ts";
export * as report from "./notebook.ts";
export type { Chapter } from "./notebook_interface.ts";
export {
  doubtList,
  machineList,
  missing,
  missingParts,
  problemList,
} from "./notices.ts";
export { capitalize, formatClosely } from "./numbers.ts";
export { percentile, percentileAxis, quantiles } from "./percentiles.ts";
export { closing, provenance, provenanceBy } from "./provenance.ts";
export { messageCounts } from "./message_counts.ts";
export { save } from "./save.ts";
export { drawable, MOST_DRAWN, undrawn } from "./series.ts";
export { tickLabel } from "./labels.ts";
export { tip } from "./tooltips.ts";
export { byThroughput, trialOrder } from "./trial_order.ts";
