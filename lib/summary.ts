/** What a run comes to: its books, its latencies, its efficiency. */
import { rollup, sort, sum } from "d3-array";
import { formatNumber, formatSeconds } from "./format.ts";
import { errorClass, isOk, type Row } from "./rows.ts";
import { type Distribution, distribution, optimum } from "./statistics.ts";

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
  /** Calls sent, per second between the first and the last of them. */
  rate?: number;
  /** Calls that succeeded, per second of the whole run. */
  throughput: number;
  /** The share of the sent calls that succeeded. */
  success: number;
  elapsed?: Distribution;
  wait?: Distribution;
  /** Wait and elapsed together. */
  response?: Distribution;
  /** How many calls got each status, and ended in each class of error. */
  status: Record<string, number>;
  errors: Record<string, number>;
  bytesIn: number;
  bytesOut: number;
  /** The least total time, and its share of the measured one. */
  optimum?: number;
  efficiency?: number;
}

/** Wait and elapsed together, in seconds. */
export function responseTime(row: Row): number | undefined {
  if (row.elapsed === undefined) return undefined;
  return (row.wait ?? 0) + row.elapsed;
}

/** Seconds from the first call being due to the last one's end. */
export function totalSeconds(rows: Row[]): number {
  const [first, last] = rows.reduce(([first, last], row) => {
    const sent = row.timestamp.getTime() / 1000;
    const due = sent - (row.wait ?? 0);
    return [Math.min(first, due), Math.max(last, sent + (row.elapsed ?? 0))];
  }, [Infinity, -Infinity]);
  return Math.max(0, last - first);
}

/**
 * Summarises the rows of one run, of which `calls` were due. Several rows of one
 * id are attempts at the same call: the last one decides what became of it.
 */
export function summarize(
  rows: Row[],
  {
    calls = undefined as number | undefined,
    seconds = totalSeconds(rows),
    concurrency = null as number | null,
    interval = 0,
    hasOptimum = true,
    succeeded = isOk as (row: Row) => boolean,
  } = {},
): Summary {
  const last = [...new Map(rows.map((row) => [row.id, row])).values()];
  calls ??= last.length;
  const ok = last.filter(succeeded).length;
  const sent = sort(rows, (row) => row.timestamp);
  const attack = sent.length < 2
    ? 0
    : (sent.at(-1)!.timestamp.getTime() - sent[0]!.timestamp.getTime()) / 1000;
  const served = sent.map((row) => row.server)
    .filter((server) => server !== undefined);
  const complete = rows.length === calls && served.length === calls;
  const least = rows.length > 0 && complete && hasOptimum
    ? optimum(served, concurrency ?? Infinity, interval)
    : undefined;
  return {
    name: rows[0]?.name ?? "",
    run: rows[0]?.run ?? "",
    calls,
    attempts: rows.length,
    ok,
    failed: last.length - ok,
    unsent: calls - last.length,
    seconds,
    rate: attack > 0 ? (rows.length - 1) / attack : undefined,
    throughput: seconds > 0 ? ok / seconds : 0,
    success: last.length > 0 ? ok / last.length : 0,
    elapsed: distribution(rows.map((row) => row.elapsed)),
    wait: distribution(rows.map((row) => row.wait)),
    response: distribution(rows.map(responseTime)),
    status: counts(rows.map((row) => row.status)),
    errors: counts(rows.map((row) => errorClass(row) || undefined)),
    bytesIn: sum(rows, (row) => row.bytes_in),
    bytesOut: sum(rows, (row) => row.bytes_out),
    optimum: least,
    efficiency: least === undefined ? undefined : least / seconds,
  };
}

function counts(values: (string | number | undefined)[]) {
  const present = values.filter((value) => value !== undefined);
  return Object.fromEntries(rollup(present, (v) => v.length, (v) => v));
}

/** The summary as a person reads it. */
export function formatSummary(summary: Summary, file: string): string {
  const { errors, status, optimum, efficiency } = summary;
  const timedOut = errors.timeout ?? 0;
  const retries = summary.attempts - summary.ok - summary.failed;
  const line = (label: string, part?: Distribution) =>
    part && `  ${label.padEnd(9)}` + Object.entries(part)
        .map(([name, value]) => `${name} ${formatSeconds(value)}`).join("  ");
  const list = (label: string, counted: Record<string, number>) =>
    Object.keys(counted).length > 0 &&
    `  ${label.padEnd(9)}` + Object.entries(counted)
        .map(([name, count]) => `${name}: ${count}`).join("  ");
  return [
    `${summary.name}: ${summary.calls} due = ${summary.ok} ok + ` +
    `${summary.failed - timedOut} failed + ${timedOut} timed out + ` +
    `${summary.unsent} not sent, in ${formatSeconds(summary.seconds)}` +
    (retries > 0 ? ` and ${retries} attempts more ` : " ") +
    `(${formatNumber(summary.throughput)} ok per second)`,
    line("response", summary.response),
    line("wait", summary.wait),
    line("elapsed", summary.elapsed),
    list("status", status),
    list("errors", errors),
    efficiency !== undefined &&
    `  optimum  ${formatSeconds(optimum)}, efficiency ${efficiency.toFixed(3)}`,
    `  rows     ${file}`,
  ].filter(Boolean).join("\n");
}
