/** What became of messages, counted by all who met them. */
import { sum } from "d3-array";
import { formatSeconds } from "../../lib/format.ts";
import { sayReused } from "../../lib/summary.ts";
import { type Html, html, table } from "./html.ts";
import type { QueueTrial } from "./trials/mod.ts";

/** A column for each kind of message, in the order in which it comes to that. */
const kinds: [string, (trial: QueueTrial) => number | undefined][] = [
  ["Published", ({ producer }) => producer?.messages?.published],
  ["Confirmed", ({ producer }) => producer?.messages?.confirmed],
  ["Delivered", counted("delivered")],
  ["Redelivered", counted("redelivered")],
  [
    "Called",
    ({ summary: { ok, failed, errors } }) =>
      ok + failed - (errors.message ?? 0),
  ],
  ["Written", ({ summary }) => summary.ok + summary.failed],
  ["Acknowledged", counted("acknowledged")],
  ["Dead letters", counted("dead")],
  ["Duplicates", ({ summary }) => summary.duplicates],
  ["Missing", ({ summary }) => summary.unsent],
];

/** By the accounts of all consumers; a killed one has left none. */
function counted(kind: string) {
  return ({ consumers }: QueueTrial) => {
    const known = consumers.filter(({ messages }) => messages);
    if (known.length < consumers.length || known.length === 0) return undefined;
    return sum(known, ({ messages }) => messages![kind]!);
  };
}

export interface Books {
  label: string;
  batches: QueueTrial[];
}

/** A table of how many messages of all trials came to what. */
export function queueBooks(all: Books[]): Html {
  const rows = all.map(({ label, batches }) => [
    label,
    ...kinds.map(([, count]) => {
      const counts = batches.map(count);
      const isKnown = counts.every((count) => count !== undefined);
      return isKnown ? sum(counts).toLocaleString("en-US") : "-";
    }),
    away(batches),
  ]);
  const heads = ["Messages", ...kinds.map(([name]) => name), "No progress"];
  const reused = sum(
    all.flatMap(({ batches }) => batches),
    ({ summary }) => summary.reused,
  );
  return html`${table(heads, rows)}
    ${
    reused > 0 &&
    html`<p>${
      sayReused(reused)
    } that another message had. Each is counted as a call of its own: RabbitMQ had
    not delivered it before.</p>`
  }`;
}

/** For how long nothing could go on, all of them together. */
function away(batches: QueueTrial[]): string {
  const outages = batches.flatMap(({ consumers, producer }) =>
    [...consumers, ...producer ? [producer] : []]
      .flatMap(({ outages }) => outages ?? [])
  );
  const times = sum(outages, ({ times }) => times);
  if (times === 0) return "none";
  return `${times} times, ${
    formatSeconds(sum(outages, ({ seconds }) => seconds))
  }`;
}
