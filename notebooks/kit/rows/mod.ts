/** Reads the rows of CSVs, our own or another tool's. */
export { ColumnsRow, ColumnsRows, timeOf } from "./columns.ts";
export { copyRow, parseRows, type Rows } from "./parse_rows.ts";
export { eachRow } from "./read_rows.ts";
