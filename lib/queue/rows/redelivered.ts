/** Lists the rows of redelivered messages, which have no column for that. */
import type { Row } from "../../row.ts";

/** The most rows to list: the JSON is read as a whole. */
const MOST = 10_000;

type Named = Pick<Row, "timestamp" | "id">;

/** Lists the rows of redelivered messages; undefined if there are too many. */
export function listRedelivered() {
  const rows: string[] = [];
  return {
    add(row: Named) {
      if (rows.length <= MOST) rows.push(rowName(row));
    },
    list: () => rows.length > MOST ? undefined : rows,
  };
}

/** How the list names a row. */
export function rowName({ timestamp, id }: Named): string {
  return `${timestamp.toISOString()} ${id}`;
}
