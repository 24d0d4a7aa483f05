export { ColumnsRow, ColumnsRows, timeOf } from "./columns.ts";
export { orderOf } from "./order.ts";
export { isHeading, numberIn, otherRows } from "./other_rows.ts";
export { rememberOutcomes } from "./outcomes.ts";
export { eachRow } from "./read_rows.ts";
export { whyUnread } from "./unread.ts";
