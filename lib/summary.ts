/** The summary of a run: counts, latencies, efficiency. */
import { formatNumber, formatSeconds } from "./format.ts";
import { errorClass, isOk, type Row } from "./row.ts";
import { visible } from "./text.ts";
import { countTimes, type Distribution, microseconds } from "./statistics.ts";
import { optimum } from "./statistics.ts";

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
  /** All other calls that were sent, timeouts included. */
  failed: number;
  unsent: number;
  /** From the first call being due to the last one's end. */
  seconds?: number;
  /** From the first call being sent to the last one being sent. */
  attack?: number;
  /** Calls sent, per second of that. */
  rate?: number;
  /** Calls that succeeded, per second of the whole run. */
  throughput?: number;
  /** The share of the sent calls that succeeded. */
  success: number;
  /** The mean number of calls in flight. */
  inFlight?: {
    /** As the client counted them. */
    mean: number;
    /** By Little's law: attempts per second x mean elapsed. */
    law: number;
  };
  elapsed?: Distribution;
  wait?: Distribution;
  /** Wait and elapsed together, of all calls. */
  response?: Distribution;
  /** The same for calls that succeeded. */
  okResponse?: Distribution;
  /** How many of `response` are failed calls. */
  failedResponses?: number;
  /** Counts by status, and by class of error. */
  status: Record<string, number>;
  errors: Record<string, number>;
  /** The first error of each class, in full. */
  firstErrors: Record<string, string>;
  bytesIn: number;
  bytesOut: number;
  /** The least total time, and its share of the measured one. */
  optimum?: number;
  efficiency?: number;
  /** How late paced calls started. */
  lateness?: Distribution;
  /** Why the figures can't be trusted. */
  doubts?: string[];
  /** Impossible values, and their likely cause; figures that need them are left out. */
  impossible?: string[];
  /** Rows of messages called before; no other figure counts them. */
  duplicates?: number;
  /** Messages with the id of an earlier one; each counts as a call. */
  reused?: number;
  /** How many were opened in the run, and how many were open at most at once. */
  connections?: { opened: number; most: number };
  /** Further rows of calls that had succeeded: the file has them twice. */
  repeated?: number;
  /** Lines among its rows that can't be read. */
  unread?: number;
  /** Seconds between two of its calls that are more than all the rest. */
  gap?: number;
  /** How many messages, by kind. */
  messages?: Record<string, number>;
  /** How often, and how long, RabbitMQ was away or took no messages. */
  outages?: { times: number; seconds: number };
}

/** An id by scripts/producer.ts: its run and the message's number, never twice. */
export const PRODUCER = /^([0-9a-z]{8}-[0-9a-z]{1,4})-\d+$/;

/** The row of a message's first call, of a further attempt, or of a redelivery. */
export type MessageRow = "first" | "again" | "duplicate";

/** What decides how the rows of a run are summarised. */
export interface SummaryRules {
  /** Calls in flight at most, by the style's rule. */
  concurrency?: number | null;
  /** Seconds between two calls at least, by the style's rule. */
  interval?: number;
  /** Whether these two are the whole rule. */
  hasOptimum?: boolean;
  /** Whether no call has several rows; saves remembering all ids. */
  unique?: boolean;
  /**
   * Whether ids are those of messages: a refused one (429) is called again, and
   * only an id by the producer tells a duplicate.
   */
  byMessage?: boolean;
  succeeded?: (row: Row) => boolean;
  /** Looks for impossible values, where clocks of two machines meet. */
  checks?: Checks;
}

/** What is wrong with a column, in a sentence. */
export type Wrong = Partial<
  Record<"timestamp" | "wait" | "elapsed" | "server", string>
>;

export interface Checks {
  /** Looks at a row; `sent` is in seconds since 1970. */
  look(row: Row, sent: number): void;
  found(): Wrong;
  /** The wait of a row, in seconds; undefined if there is none, or it is impossible. */
  knownWait(row: Row, sent: number): number | undefined;
}

/**
 * Summarises the rows of one run, which are added one by one. Several rows of one
 * id are attempts at the same call: the last one decides whether it succeeded.
 */
export function startSummary({
  concurrency = null,
  interval = 0,
  hasOptimum = true,
  unique = false,
  byMessage = false,
  succeeded = isOk,
  checks,
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
  const okResponses = countTimes();
  const statuses: Record<string, number> = {};
  const errors: Record<string, number> = {};
  const firstErrors: Record<string, string> = {};
  /** Whether the last attempt at a call succeeded, by its id. */
  const outcomes = new Map<string, boolean>();
  // Of calls that the server timed.
  const sentAt: number[] = [];
  const served: number[] = [];
  /** The messages refused so far, by id and URL. */
  const refused = new Set<string>();
  let reused = 0;
  let duplicates = 0;
  let duplicateSeconds = 0;

  /** What the row of a message is, as far as one run's rows show. */
  function messageRow({ id, url }: Row, isKnown: boolean): MessageRow {
    if (refused.has(`${id} ${url}`)) return "again";
    return isKnown && PRODUCER.test(id) ? "duplicate" : "first";
  }

  /** Returns whether the row counts; `told` says more of a message than its row. */
  function add(row: Row, told?: MessageRow): boolean {
    ({ name, run } = row);
    const known = unique ? undefined : outcomes.get(row.id);
    const isKnown = known !== undefined;
    const as = byMessage ? told ?? messageRow(row, isKnown) : undefined;
    // Messages may share an id, and only what was refused is called again.
    const again = as === "again" ? false : undefined;
    const before = byMessage ? again : known;
    if (as === "first" && isKnown) reused++;
    if (as === "duplicate") {
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
    if (!unique) outcomes.set(row.id, succeeds);
    const request = byMessage ? `${row.id} ${row.url}` : "";
    if (byMessage && row.status === 429) refused.add(request);
    else if (byMessage) refused.delete(request);
    const milliseconds = row.timestamp.getTime();
    const sent = milliseconds / 1000;
    firstSent = Math.min(firstSent, sent);
    lastSent = Math.max(lastSent, sent);
    checks?.look(row, sent);
    const { elapsed, status, error, server } = row;
    const wait = checks ? checks.knownWait(row, sent) : row.wait;
    const waited = microseconds(wait ?? 0);
    firstDue = Math.min(firstDue, sent - (wait ?? 0));
    lastEnd = Math.max(lastEnd, sent + (elapsed ?? 0));
    if (elapsed !== undefined) {
      // Rounded as in the file, so that others get the same sum.
      const took = microseconds(elapsed);
      elapsedTimes.add(took);
      responses.add(waited + took);
      if (succeeds) okResponses.add(waited + took);
    }
    if (wait !== undefined) waits.add(waited);
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
   * The summary of a run that took `measured` seconds, in which `due` calls were due
   * and calls were in flight for `callSeconds` in total.
   */
  function end(
    measured = Math.max(0, lastEnd - firstDue),
    due = called,
    callSeconds?: number,
  ): Summary {
    const calls = Math.max(due, called);
    const wrong = checks?.found() ?? {};
    const isTimed = !wrong.timestamp && !wrong.wait && !wrong.elapsed;
    const isNothing = attempts > 0 && measured <= 0;
    const seconds = isTimed && !isNothing ? measured : undefined;
    const attack = wrong.timestamp
      ? undefined
      : attempts > 0
      ? lastSent - firstSent
      : 0;
    const complete = attempts === calls && served.length === calls &&
      !wrong.server;
    const least = attempts > 0 && complete && hasOptimum
      ? optimum(
        served
          .map((seconds, index) => ({ seconds, sent: sentAt[index]! }))
          .sort((a, b) => a.sent - b.sent)
          .map(({ seconds }) => seconds),
        concurrency ?? Infinity,
        interval,
      )
      : undefined;
    const hasOptimal = least !== undefined && seconds !== undefined;
    const tooShort = hasOptimal ? tooEfficient(least, seconds) : undefined;
    const impossible = [
      ...Object.values(wrong),
      isTimed && isNothing && elapsedTimes.count > 0 && NO_TOTAL,
      tooShort,
    ].filter((text) => typeof text === "string");
    const taken = elapsedTimes.distribution();
    const isKnown = !wrong.elapsed && !(isNothing && taken?.max === 0);
    const times = isKnown ? taken : undefined;
    const hasResponse = isKnown && !wrong.wait;
    const failures = responses.count - okResponses.count;
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
      rate: attack ? (attempts - 1) / attack : undefined,
      throughput: ok === 0 ? 0 : seconds && ok / seconds,
      success: called > 0 ? ok / called : 0,
      inFlight: callSeconds === undefined || !seconds ? undefined : {
        mean: callSeconds / seconds,
        law: elapsedTimes.count / seconds * (times?.mean ?? 0) +
          duplicateSeconds / seconds,
      },
      elapsed: times,
      wait: wrong.wait ? undefined : waits.distribution(),
      response: hasResponse ? responses.distribution() : undefined,
      okResponse: hasResponse ? okResponses.distribution() : undefined,
      failedResponses: failures > 0 ? failures : undefined,
      status: statuses,
      errors,
      firstErrors,
      bytesIn,
      bytesOut,
      optimum: tooShort ? undefined : least,
      efficiency: hasOptimal && !tooShort ? least / seconds : undefined,
      impossible: impossible.length > 0 ? impossible : undefined,
      duplicates: byMessage ? duplicates : undefined,
      reused: byMessage ? reused : undefined,
      repeated: repeated || undefined,
    };
  }

  return { add, end };
}

/** Says that ids were used more than once. */
export function sayReused(messages: number): string {
  return `${messages} message${messages === 1 ? "" : "s"} reused an id`;
}

/** Rounding alone gives no higher efficiency. */
const MOST_EFFICIENT = 1.001;

/** The likely cause of a total time of 0. */
const NO_TOTAL = "all calls together took no time: their times are " +
  "probably rounded, or a clock stood still";

/** What is wrong if the run took less than the optimum; undefined if it didn't. */
function tooEfficient(optimum: number, seconds: number) {
  if (optimum / seconds <= MOST_EFFICIENT) return undefined;
  return `all calls together took ${formatSeconds(seconds)}, and by the ` +
    `server's own times ${
      formatSeconds(optimum)
    } at least: these are probably ` +
    "in another unit, or of other calls";
}

function count(counts: Record<string, number>, key: string | number) {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** The summary as text: the counts, then the lines that vegeta prints, and more. */
export function formatSummary(summary: Summary, file: string): string {
  const { errors, status, seconds, attack, attempts, doubts = [] } = summary;
  const { inFlight, duplicates = 0, reused = 0, messages } = summary;
  const { outages, connections, failedResponses = 0 } = summary;
  const timedOut = errors.timeout ?? 0;
  const retries = attempts - summary.ok - summary.failed;
  const rest = seconds === undefined || attack === undefined
    ? undefined
    : Math.max(0, seconds - attack);
  const line = (label: string, parts: string, values: (string | number)[]) =>
    `${label.padEnd(14)}${`[${parts}]`.padEnd(35)}${values.join(", ")}`
      .trimEnd();
  const times = (label: string, times?: Distribution, note = "") =>
    times && line(
        label,
        "min, mean, 50, 90, 95, 99, max",
        Object.values(times).map(formatSeconds),
      ) + note;
  const included = failedResponses > 0
    ? ` (${failedResponses} failed calls included)`
    : "";
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
    reused > 0 && `${sayReused(reused)}; each is counted as a call of its own`,
    messages && line("Messages", "kind:count", counts(messages)),
    outages && outages.times > 0 &&
    line("No Progress", "times, total", [
      outages.times,
      formatSeconds(outages.seconds),
    ]),
    line("Requests", "total, rate, throughput", [
      attempts,
      summary.rate?.toFixed(2) ?? "-",
      summary.throughput?.toFixed(2) ?? "-",
    ]),
    line(
      "Duration",
      "total, attack, wait",
      [seconds, attack, rest].map(formatSeconds),
    ),
    times("Response", summary.response, included),
    failedResponses > 0 && times("  succeeded", summary.okResponse),
    times("  wait", summary.wait),
    times("  elapsed", summary.elapsed),
    times("Lateness", summary.lateness),
    inFlight && line(
      "In Flight",
      "mean, by Little's law",
      [inFlight.mean, inFlight.law].map(formatNumber),
    ),
    connections && line(
      "Connections",
      "opened, most at once",
      [connections.opened, connections.most],
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
