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
} from "./chart.ts";
export { apart, conclusion, contrast, failures, times } from "./claims.ts";
export { comparable } from "./comparable.ts";
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
export { newestSeries } from "./newest_series.ts";
export * as report from "./notebook.ts";
export type { Chapter } from "./notebook_interface.ts";
export { doubtList, machineList, missing, problemList } from "./notices.ts";
export { capitalize, formatClosely } from "./numbers.ts";
export { percentile, percentileAxis, quantiles } from "./percentiles.ts";
export { provenance, provenanceBy } from "./provenance.ts";
export { queueBooks } from "./queue_books.ts";
export { save } from "./save.ts";
export { drawable, MOST_DRAWN, undrawn } from "./series.ts";
export { tickLabel } from "./ticks.ts";
export { says } from "./tooltips.ts";
export { trialOrder } from "./trial_order.ts";
