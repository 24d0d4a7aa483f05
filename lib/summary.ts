/** What a run comes to: its books, its latencies, its efficiency. */
import { formatNumber, formatSeconds } from "./format.ts";
import { timeOf } from "./columns.ts";
import { orderOf } from "./order.ts";
import { rememberOutcomes } from "./outcomes.ts";
import { errorClass, isOk, type Row } from "./rows.ts";
import { type Distribution, optimum } from "./statistics.ts";
import { countTimes, microseconds } from "./times.ts";
import { visible } from "./visible.ts";

/** Times are in seconds; a part without a measured value is not there. */
export interface Summary {
  name: string;
  run: string;
  /** How many calls were due: `ok` + `failed` + `unsent`. */
  calls: number;
  /** How many were sent: more than `calls` if some were tried again. */
  attempts: number;
  /** Calls with a status from 200 to 399 and no error. */
  ok: number;
  /** All other calls whose last attempt failed, timeouts among them. */
  failed: number;
  unsent: number;
  /** From the first call being due to the last one's end. */
  seconds: number;
  /** From the first call being sent to the last one being sent. */
  attack: number;
  /** Calls sent, per second of that. */
  rate?: number;
  /** Calls that succeeded, per second of the whole run. */
  throughput: number;
  /** The share of the sent calls that succeeded. */
  success: number;
  /** How many were in flight, as a mean over `seconds`. */
  inFlight?: {
    /** As they were counted while they were. */
    mean: number;
    /** By Little's law: attempts that ended, per second, x mean elapsed. */
    law: number;
  };
  elapsed?: Distribution;
  wait?: Distribution;
  /** Wait and elapsed together. */
  response?: Distribution;
  /** How many calls got each status, and ended in each class of error. */
  status: Record<string, number>;
  errors: Record<string, number>;
  /** The first error of each class, in full. */
  firstErrors: Record<string, string>;
  bytesIn: number;
  bytesOut: number;
  /** The least total time, and its share of the measured one. */
  optimum?: number;
  efficiency?: number;
  /** How much later than due the generator itself was, where it paced calls. */
  lateness?: Distribution;
  /** Why the figures are not to be trusted. */
  doubts?: string[];
  /** Rows of messages that were called already; nothing else counts them. */
  duplicates?: number;
  /** Rows of calls that had succeeded already: no client tries these again. */
  repeated?: number;
  /** Lines among its rows that can't be read. */
  unread?: number;
  /** Seconds between two of its calls that are more than all the rest. */
  gap?: number;
  /** How many messages there were of each kind. */
  messages?: Record<string, number>;
  /** How often RabbitMQ was away, or took no messages, and for how long. */
  outages?: { times: number; seconds: number };
}

/** Wait and elapsed together, in seconds. */
export function responseTime(row: Row): number | undefined {
  if (row.elapsed === undefined) return undefined;
  return (row.wait ?? 0) + row.elapsed;
}

/** What decides how the rows of a run are summarised. */
export interface SummaryRules {
  /** Calls in flight at most, by the style's rule. */
  concurrency?: number | null;
  /** Seconds between two calls at least, by the style's rule. */
  interval?: number;
  /** Whether these two are the whole rule. */
  hasOptimum?: boolean;
  /** Whether each row is another call; it saves remembering all ids. */
  unique?: boolean;
  /**
   * Whether ids are those of messages: one that is delivered again is called
   * again, and its rows are duplicates then. Only what was refused (429) may be
   * another attempt.
   */
  byMessage?: boolean;
  succeeded?: (row: Row) => boolean;
}

/**
 * Summarises the rows of one run, of which `calls` were due. Several rows of one
 * id are attempts at the same call: the last one decides what became of it.
 */
export function summarize(
  rows: Iterable<Row>,
  { calls, seconds, ...rules }: SummaryRules & {
    calls?: number;
    seconds?: number;
  } = {},
): Summary {
  const summary = startSummary(rules);
  for (const row of rows) summary.add(row);
  return summary.end(seconds, calls);
}

/** A summary that needs its rows once, and not all at the same time. */
export function startSummary({
  concurrency = null,
  interval = 0,
  hasOptimum = true,
  unique = false,
  byMessage = false,
  succeeded = isOk,
}: SummaryRules = {}) {
  let name = "";
  let run = "";
  let attempts = 0;
  let called = 0;
  let ok = 0;
  let repeated = 0;
  let firstDue = Infinity;
  let firstSent = Infinity;
  let lastSent = -Infinity;
  let lastEnd = -Infinity;
  let bytesIn = 0;
  let bytesOut = 0;
  const elapsedTimes = countTimes();
  const waits = countTimes();
  const responses = countTimes();
  const statuses: Record<string, number> = {};
  const errors: Record<string, number> = {};
  const firstErrors: Record<string, string> = {};
  const outcomes = rememberOutcomes();
  // Of the calls that the server timed; numbers alone are cheap to keep.
  const sentAt: number[] = [];
  const served: number[] = [];
  /** Of messages, those that were refused until now. */
  const refused = new Set<string>();
  let duplicates = 0;
  let duplicateSeconds = 0;

  /** Whether the row counts, and is no duplicate. */
  function add(row: Row): boolean {
    ({ name, run } = row);
    const before = unique ? undefined : outcomes.find(row);
    if (byMessage && before !== undefined && !refused.has(row.id)) {
      duplicates++;
      duplicateSeconds += row.elapsed ?? 0;
      return false;
    }
    attempts++;
    const succeeds = succeeded(row);
    if (succeeds) ok++;
    if (before === undefined) called++;
    if (before) {
      ok--;
      repeated++;
    }
    if (!unique) outcomes.set(succeeds);
    if (byMessage && row.status === 429) refused.add(row.id);
    else if (byMessage) refused.delete(row.id);
    const milliseconds = timeOf(row);
    const sent = milliseconds / 1000;
    firstSent = Math.min(firstSent, sent);
    lastSent = Math.max(lastSent, sent);
    const { elapsed, wait, status, error, server } = row;
    const waited = microseconds(wait ?? 0);
    firstDue = Math.min(firstDue, sent - (wait ?? 0));
    lastEnd = Math.max(lastEnd, sent + (elapsed ?? 0));
    if (elapsed !== undefined) {
      // Of the times as they are in the file, so that nobody finds another sum.
      const took = microseconds(elapsed);
      elapsedTimes.addMicroseconds(took);
      responses.addMicroseconds(waited + took);
    }
    if (wait !== undefined) waits.addMicroseconds(waited);
    if (status !== undefined) count(statuses, status);
    if (error) {
      const name = errorClass(row);
      count(errors, name);
      firstErrors[name] ??= error;
    }
    bytesIn += row.bytes_in ?? 0;
    bytesOut += row.bytes_out ?? 0;
    if (hasOptimum && server !== undefined) {
      sentAt.push(milliseconds);
      served.push(server);
    }
    return true;
  }

  /**
   * If it is known, the run took so many seconds, so many calls were due, and
   * calls were in flight for `callSeconds` all together.
   */
  function end(
    seconds = Math.max(0, lastEnd - firstDue),
    due = called,
    callSeconds?: number,
  ): Summary {
    const calls = Math.max(due, called);
    const attack = attempts > 0 ? lastSent - firstSent : 0;
    const complete = attempts === calls && served.length === calls;
    const least = attempts > 0 && complete && hasOptimum
      ? optimum(
        inOrder(served, orderOf(new Float64Array(sentAt))),
        concurrency ?? Infinity,
        interval,
      )
      : undefined;
    const times = elapsedTimes.distribution();
    return {
      name,
      run,
      calls,
      attempts,
      ok,
      failed: called - ok,
      unsent: calls - called,
      seconds,
      attack,
      rate: attack > 0 ? (attempts - 1) / attack : undefined,
      throughput: seconds > 0 ? ok / seconds : 0,
      success: called > 0 ? ok / called : 0,
      inFlight: callSeconds === undefined || seconds === 0 ? undefined : {
        mean: callSeconds / seconds,
        law: elapsedTimes.count / seconds * (times?.mean ?? 0) +
          duplicateSeconds / seconds,
      },
      elapsed: times,
      wait: waits.distribution(),
      response: responses.distribution(),
      status: statuses,
      errors,
      firstErrors,
      bytesIn,
      bytesOut,
      optimum: least,
      efficiency: least === undefined || !(seconds > 0)
        ? undefined
        : least / seconds,
      duplicates: byMessage ? duplicates : undefined,
      repeated: repeated || undefined,
    };
  }

  return { add, end };
}

function inOrder(values: number[], places: Uint32Array): Float64Array {
  const ordered = new Float64Array(places.length);
  for (let index = 0; index < ordered.length; index++) {
    ordered[index] = values[places[index]!]!;
  }
  return ordered;
}

function count(counts: Record<string, number>, key: string | number) {
  counts[key] = (counts[key] ?? 0) + 1;
}

/**
 * The summary as a person reads it: the lines that vegeta prints, with the books
 * before them and the parts of the response time.
 */
export function formatSummary(summary: Summary, file: string): string {
  const { errors, status, seconds, attack, attempts, doubts = [] } = summary;
  const { inFlight, duplicates = 0, messages, outages } = summary;
  const timedOut = errors.timeout ?? 0;
  const retries = attempts - summary.ok - summary.failed;
  const line = (label: string, parts: string, values: (string | number)[]) =>
    `${label.padEnd(14)}${`[${parts}]`.padEnd(35)}${values.join(", ")}`
      .trimEnd();
  const times = (label: string, times?: Distribution) =>
    times && line(
      label,
      "min, mean, 50, 90, 95, 99, max",
      Object.values(times).map(formatSeconds),
    );
  const bytes = (label: string, total: number) =>
    line(label, "total, mean", [total, (total / (attempts || 1)).toFixed(2)]);
  const counts = (counted: Record<string, number>) =>
    Object.entries(counted).map(([name, count]) => `${name}:${count}`);
  return [
    `${summary.name}: ${summary.calls} due = ${summary.ok} ok + ` +
    `${summary.failed - timedOut} failed + ${timedOut} timed out + ` +
    `${summary.unsent} not sent` +
    (retries > 0 ? `; ${retries} attempts more` : "") +
    (duplicates > 0 ? `; ${duplicates} duplicates, not counted` : ""),
    messages && line("Messages", "kind:count", counts(messages)),
    outages && outages.times > 0 &&
    line("No Progress", "times, total", [
      outages.times,
      formatSeconds(outages.seconds),
    ]),
    line("Requests", "total, rate, throughput", [
      attempts,
      summary.rate?.toFixed(2) ?? "-",
      summary.throughput.toFixed(2),
    ]),
    line(
      "Duration",
      "total, attack, wait",
      [seconds, attack, Math.max(0, seconds - attack)].map(formatSeconds),
    ),
    times("Response", summary.response),
    times("  wait", summary.wait),
    times("  elapsed", summary.elapsed),
    times("Lateness", summary.lateness),
    inFlight && line(
      "In Flight",
      "mean, by Little's law",
      [inFlight.mean, inFlight.law].map(formatNumber),
    ),
    bytes("Bytes In", summary.bytesIn),
    bytes("Bytes Out", summary.bytesOut),
    line("Success", "ratio", [`${(summary.success * 100).toFixed(2)}%`]),
    line("Status Codes", "code:count", counts(status)),
    line("Error Set", "class:count", counts(errors)),
    ...Object.values(summary.firstErrors).map((error) => `  ${visible(error)}`),
    summary.efficiency !== undefined &&
    line("Optimum", "total, efficiency", [
      formatSeconds(summary.optimum),
      summary.efficiency.toFixed(3),
    ]),
    line("Rows", "file", [file]),
    ...doubts.map((doubt) => `NOT TO BE TRUSTED: ${doubt}`),
  ].filter(Boolean).join("\n");
}
