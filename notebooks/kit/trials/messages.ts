/** Tells a message that came again from another one with the same id. */
import { rowName } from "../../../lib/queue/rows/mod.ts";
import type { Run } from "./details.ts";
import type { Row } from "../../../lib/row.ts";
import { type MessageRow, PRODUCER } from "../../../lib/summary.ts";

/** A call of a message, and who made it. */
interface Call {
  row: Row;
  run: Run | undefined;
  redelivered: boolean | undefined;
}

/** What a row is, and the run that called its message first. */
interface Told {
  as: MessageRow;
  firstRun: string;
}

/**
 * Tells what each row is; they have to come in the order in which they were sent.
 * It is of an earlier row's message if the request is the same, and RabbitMQ can
 * have delivered that message once more.
 */
export function tellMessages(): (row: Row, run?: Run) => Told {
  /** The latest call of each run by its id and its URL, and who called it first. */
  const known = new Map<string, { latest: Call; firstRun: string }[]>();
  return (row, run) => {
    const call = { row, run, redelivered: isRedelivered(row, run) };
    const key = `${row.id} ${row.url}`;
    const messages = known.get(key) ?? [];
    const message = messages.findLast(({ latest }) => isSame(latest, call));
    if (!message) {
      const others = messages.filter(({ latest }) =>
        latest.row.run !== row.run
      );
      known.set(key, [...others, { latest: call, firstRun: row.run }]);
      return { as: "first", firstRun: row.run };
    }
    const { firstRun } = message;
    if (message.latest.row.status !== 429) return { as: "duplicate", firstRun };
    message.latest = call;
    return { as: "again", firstRun };
  };
}

/** Whether both are of one message, of two that have the same id and URL. */
function isSame(before: Call, now: Call): boolean {
  if (PRODUCER.test(now.row.id)) return true;
  if (hasOtherBody(before.row, now.row)) return false;
  if (before.row.run === now.row.run) {
    return before.row.status === 429 || now.redelivered === true;
  }
  if (isDone(before.run, now.run)) return false;
  if (now.redelivered === undefined) return hasLeftSome(before.run);
  // Who lost it may have called it later than the one who got it then.
  const gotItFirst = now.run!.start < before.row.timestamp.toISOString();
  return now.redelivered || before.redelivered === true && gotItFirst;
}

/** A call that failed may have sent less of its body. */
function hasOtherBody(one: Row, other: Row): boolean {
  const areAnswered = one.status !== undefined && other.status !== undefined;
  return areAnswered && one.bytes_out !== other.bytes_out;
}

/** Whether a run had ended before another began, and left it nothing. */
function isDone(run: Run | undefined, next: Run | undefined): boolean {
  const isOver = run?.end !== undefined && next && run.end <= next.start;
  return Boolean(isOver) && !hasLeftSome(run);
}

/** Whether a consumer ended before it had acknowledged all that it called. */
function hasLeftSome(run: Run | undefined): boolean {
  if (!run) return false;
  if (run.end === undefined) return true;
  const { written = 0, acknowledged = 0, dead = 0 } = run.messages ?? {};
  return written > acknowledged + dead;
}

const lists = new WeakMap<Run, Set<string>>();

/** Whether a row is of a redelivered message; undefined if its run doesn't tell. */
function isRedelivered(row: Row, run?: Run): boolean | undefined {
  if (run?.redelivered === undefined) {
    return run?.messages?.redelivered === 0 ? false : undefined;
  }
  const listed = lists.get(run) ?? new Set(run.redelivered);
  lists.set(run, listed);
  return listed.has(rowName(row));
}
