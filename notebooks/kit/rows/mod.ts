export { ColumnsRow, ColumnsRows, timeOf } from "./columns.ts";
export { isHeading, numberIn, otherRows } from "./other_rows.ts";
export { copyRow, parseRows, type Rows } from "./parse_rows.ts";
export { eachRow } from "./read_rows.ts";
export { whyUnread } from "./unread.ts";
