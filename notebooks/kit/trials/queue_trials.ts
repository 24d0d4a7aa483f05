/** The trials of a queue: what all consumers called, each message once. */
import { checkRows } from "../../../lib/queue/rows/mod.ts";
import { ascending, group, sum } from "d3-array";
import { resultFiles } from "../../../lib/results.ts";
import { readDetails, type Run } from "./details.ts";
import type { Row } from "../../../lib/row.ts";
import {
  type MessageRow,
  PRODUCER,
  startSummary,
  type SummaryRules,
} from "../../../lib/summary.ts";
import { tellMessages } from "./messages.ts";
import {
  type Measured,
  measuredNames,
  MOST_ROWS,
  readRuns,
  type Trial,
  wholeOnes,
} from "./trials.ts";

/** The messages of one run of the producer, and all who called them. */
export interface QueueTrial extends Trial {
  /** The runs of the consumers; the first one is also `run`. */
  consumers: Run[];
  producer?: Run;
}

export interface MeasuredQueue extends Measured {
  trials: QueueTrial[];
  /** These, and those that are no whole trial, since messages are missing. */
  batches: QueueTrial[];
}

/** All runs that a trial is made of, but that of the producer. */
export function runsOf(trial: Trial | QueueTrial): Run[] {
  return "consumers" in trial ? trial.consumers : trial.run ? [trial.run] : [];
}

/**
 * Reads the trials of all consumers whose name is `name`, or that with a slash
 * and more: each with the messages of one run of the producer, or else of the
 * consumers that called the same ones. Rows of messages that were called already
 * are left out, and counted as duplicates; messages without a row are calls that were not sent. Never
 * throws: what can't be read is a problem, and the rest is there.
 */
export function readQueue(
  folder: string,
  name: string,
  producers = producersIn(folder),
): MeasuredQueue {
  const names = measuredNames(folder);
  const files = (name: string) => resultFiles(folder, name);
  const { csv } = files(name);
  const own = names.filter((each) =>
    each === name || each.startsWith(`${name}-`)
  );
  const found = (own.length > 0 ? own : [name])
    .map(files)
    .map(({ csv, json }) => readRuns(csv, json, { most: MOST_ROWS }));
  const runs = found.flatMap(({ runs }) => runs)
    .filter(({ run }) => !run || run.byMessage || run.name === name);
  const batches = [...inBatches(runs.flatMap(rowsOf))]
    .map(([batch, rows]) => trialOf(rows, name, producers.get(batch)));
  const whole = wholeOnes(batches, csv);
  return {
    name,
    trials: whole.trials as QueueTrial[],
    batches,
    problems: [
      ...found.flatMap(({ problems }) => problems),
      ...whole.problems,
    ],
  };
}

/** The runs of producers, by their ids. */
export function producersIn(folder: string): Map<string, Run> {
  const runs = measuredNames(folder)
    .flatMap((name) => readDetails(resultFiles(folder, name).json).runs);
  return new Map(
    runs.filter(({ messages }) => messages?.published !== undefined)
      .map((run) => [run.run, run]),
  );
}

interface Called {
  row: Row;
  by: Trial;
  as: MessageRow;
}

function rowsOf(trial: Trial): Called[] {
  return trial.rows.map((row) => ({ row, by: trial, as: "first" }));
}

const bySent = (a: Called, b: Called) =>
  ascending(a.row.timestamp, b.row.timestamp);

/**
 * Tells what each row is, and puts together those of a producer's run; and of
 * other senders, those of consumers that called the same messages.
 */
function inBatches(called: Called[]): Map<string, Called[]> {
  const tell = tellMessages();
  const joined = new Map<string, string>();
  const batchOf = (run: string): string => {
    const other = joined.get(run);
    return other === undefined ? run : batchOf(other);
  };
  for (const each of called.toSorted(bySent)) {
    const { as, firstRun } = tell(each.row, each.by.run);
    each.as = as;
    const [batch, first] = [batchOf(each.row.run), batchOf(firstRun)];
    if (batch !== first && !PRODUCER.test(each.row.id)) {
      joined.set(batch, first);
    }
  }
  return group(
    called,
    ({ row }) => PRODUCER.exec(row.id)?.[1] ?? batchOf(row.run),
  );
}

function trialOf(
  called: Called[],
  name: string,
  producer: Run | undefined,
): QueueTrial {
  const by = [...new Set(called.map(({ by }) => by))];
  const consumers = by.flatMap(({ run }) => run ?? []);
  const [run] = consumers;
  const rules: SummaryRules = by.length === 1 && run
    ? { concurrency: run.concurrency }
    // How many consumers ran at a time is unknown.
    : { hasOptimum: false };
  const { add, end } = startSummary({
    ...rules,
    byMessage: true,
    checks: checkRows("published"),
  });
  const rows = called.toSorted(bySent)
    .filter(({ row, as }) => add(row, as))
    .map(({ row }) => row);
  const alone = by.length === 1 && by[0]!.rows.length === called.length;
  const messages = called.filter(({ as }) => as === "first").length;
  const summary = end(
    alone ? run?.seconds : undefined,
    producer?.messages?.confirmed ??
      (alone ? messages + by[0]!.summary.unsent : undefined),
  );
  // Which messages they were of can't be read.
  const unread = sum(by, ({ summary }) => summary.unread ?? 0);
  return {
    rows,
    summary: { ...summary, name, ...unread > 0 && { unread } },
    run,
    consumers,
    producer,
  };
}
