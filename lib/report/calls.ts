/** When the calls of one trial were due, were sent and ended. */
import { timeOf } from "../columns.ts";
import { orderOf } from "../order.ts";
import { isOk, type Row, type Rows } from "../rows.ts";

/** In seconds; `due`, `sent` and `end` since the first call was due. */
export interface Call {
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

/** When the first call of a run was due, in seconds since 1970. */
export function firstDue(rows: Rows): number {
  let first = Infinity;
  rows.forEach((row) => first = Math.min(first, dueOf(row)));
  return first;
}

/** The calls that ended, in the order of the rows. */
export function callsOf(rows: Rows): Call[] {
  const start = firstDue(rows);
  return rows.flatMap((row) => {
    const { wait = 0, elapsed } = row;
    if (elapsed === undefined) return [];
    const due = dueOf(row) - start;
    const response = wait + elapsed;
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
    const { wait = 0, elapsed } = row;
    if (elapsed === undefined) return;
    milliseconds[count] = timeOf(row);
    waits[count] = wait;
    services[count++] = elapsed;
  });
  const order = orderOf(milliseconds.subarray(0, count));
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

/** What a call is known by; a number, if that says the same. */
export function idOf({ id }: Row): string | number {
  return String(Number(id)) === id ? Number(id) : id;
}

/** What became of a call, as in `status 200`. */
export function outcomeOf({ status, error }: Row): string {
  const parts = [status && `status ${status}`, error].filter(Boolean);
  return parts.join(", ") || "no answer";
}

function sentOf(row: Row): number {
  return timeOf(row) / 1000;
}

function dueOf(row: Row): number {
  return sentOf(row) - (row.wait ?? 0);
}
