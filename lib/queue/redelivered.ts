/** Which rows are of messages that RabbitMQ had delivered before: no column says it. */
import type { Run } from "../results.ts";
import type { Row } from "../row.ts";

/** More are not listed: the JSON is read as a whole. */
const MOST = 10_000;

type Named = Pick<Row, "timestamp" | "id">;

/** Lists the rows of redelivered messages; undefined if there are too many. */
export function listRedelivered() {
  const rows: string[] = [];
  return {
    add(row: Named) {
      if (rows.length <= MOST) rows.push(nameOf(row));
    },
    list: () => rows.length > MOST ? undefined : rows,
  };
}

const lists = new WeakMap<Run, Set<string>>();

/** Whether a row is of a redelivered message; undefined if its run doesn't tell. */
export function isRedelivered(row: Named, run?: Run): boolean | undefined {
  if (run?.redelivered === undefined) {
    return run?.messages?.redelivered === 0 ? false : undefined;
  }
  const listed = lists.get(run) ?? new Set(run.redelivered);
  lists.set(run, listed);
  return listed.has(nameOf(row));
}

function nameOf({ timestamp, id }: Named): string {
  return `${timestamp.toISOString()} ${id}`;
}
