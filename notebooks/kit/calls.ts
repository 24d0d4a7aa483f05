/** When the calls of one trial were due, were sent and ended. */
import { type Rows, timeOf } from "./rows/mod.ts";
import {
  isWrongElapsed,
  isWrongTime,
  knownWait,
} from "../../lib/queue/rows/mod.ts";
import { isOk, type Row } from "../../lib/row.ts";

/** In seconds; `due`, `sent` and `end` since the first call was due. */
interface Call {
  due: number;
  sent: number;
  /** Its last byte. */
  end: number;
  /** From due, and from sent, until then. */
  response: number;
  service: number;
  isOk: boolean;
  row: Row;
}

/**
 * When the first call of a run was due, in seconds since 1970. A call that can't
 * have been made then is not it, unless none can.
 */
export function firstDue(rows: Rows): number {
  let first = Infinity;
  let wrong = Infinity;
  rows.forEach((row) => {
    const due = dueOf(row);
    if (isWrongTime(sentOf(row))) wrong = Math.min(wrong, due);
    else first = Math.min(first, due);
  });
  return first < Infinity ? first : wrong;
}

/** Whether a row has a place in time, beside others from `start` on. */
function isPlaced(row: Row, start: number): boolean {
  const { elapsed } = row;
  const sent = sentOf(row);
  return elapsed !== undefined && !isWrongElapsed(elapsed, sent) &&
    isWrongTime(sent) === isWrongTime(start);
}

/**
 * The calls that ended, in the order of the rows. One that can't have waited as
 * long as its row says is due when it is sent; one that can't have been made then,
 * or have taken so long, is left out.
 */
export function callsOf(rows: Rows): Call[] {
  const start = firstDue(rows);
  return rows.flatMap((row) => {
    const { elapsed } = row;
    if (elapsed === undefined || !isPlaced(row, start)) return [];
    const due = dueOf(row) - start;
    const response = waitOf(row) + elapsed;
    return {
      due,
      sent: sentOf(row) - start,
      end: due + response,
      response,
      service: elapsed,
      isOk: isOk(row),
      row,
    };
  });
}

/** What {@link callsOf} has of each call, in the order in which they were sent. */
export interface CallTimes {
  due: Float64Array;
  sent: Float64Array;
  end: Float64Array;
  service: Float64Array;
}

const known = new WeakMap<Rows, CallTimes>();

/** The times of calls that may be too many for an object of each. */
export function callTimesOf(rows: Rows): CallTimes {
  // More than one chart shows them.
  const times = known.get(rows) ?? readCallTimes(rows);
  known.set(rows, times);
  return times;
}

function readCallTimes(rows: Rows): CallTimes {
  const start = firstDue(rows);
  const milliseconds = new Float64Array(rows.length);
  const waits = new Float64Array(rows.length);
  const services = new Float64Array(rows.length);
  let count = 0;
  rows.forEach((row) => {
    if (!isPlaced(row, start)) return;
    milliseconds[count] = timeOf(row);
    waits[count] = waitOf(row);
    services[count++] = row.elapsed!;
  });
  const order = new Uint32Array(count).map((_, place) => place)
    .sort((a, b) => milliseconds[a]! - milliseconds[b]!);
  function inOrder(of: (place: number) => number) {
    const times = new Float64Array(count);
    for (let call = 0; call < count; call++) times[call] = of(order[call]!);
    return times;
  }
  const due = (place: number) =>
    milliseconds[place]! / 1000 - waits[place]! - start;
  return {
    due: inOrder(due),
    sent: inOrder((place) => milliseconds[place]! / 1000 - start),
    end: inOrder((place) => due(place) + (waits[place]! + services[place]!)),
    service: inOrder((place) => services[place]!),
  };
}

/** A call's id, as a number if it is one. */
export function idOf({ id }: Row): string | number {
  return String(Number(id)) === id ? Number(id) : id;
}

/** A call's status and error, as in `status 200`. */
export function outcomeOf({ status, error }: Row): string {
  const parts = [status && `status ${status}`, error].filter(Boolean);
  return parts.join(", ") || "no answer";
}

function sentOf(row: Row): number {
  return timeOf(row) / 1000;
}

function waitOf(row: Row): number {
  return knownWait(row, sentOf(row)) ?? 0;
}

function dueOf(row: Row): number {
  return sentOf(row) - waitOf(row);
}

/** The server's time for a call, in seconds; undefined if it is impossible. */
export function knownServer(
  { server, elapsed = Infinity }: Pick<Row, "server" | "elapsed">,
): number | undefined {
  const isWrong = server !== undefined &&
    (server < 0 || server > elapsed + 0.001);
  return isWrong ? undefined : server;
}

/** Wait and elapsed together, in seconds. */
export function responseTime(row: Row): number | undefined {
  if (row.elapsed === undefined) return undefined;
  return (row.wait ?? 0) + row.elapsed;
}
