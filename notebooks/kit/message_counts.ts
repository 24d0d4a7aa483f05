/** How many messages were published, delivered, called, written and lost. */
import { sum } from "d3-array";
import { formatSeconds } from "../../lib/format.ts";
import { sayReused } from "../../lib/summary.ts";
import { type Html, html, table } from "./html.ts";
import type { QueueTrial } from "./trials/mod.ts";

/** The columns, in the order in which a message passes them. */
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

/** What all consumers counted; unknown if one was killed. */
function counted(kind: string) {
  return ({ consumers }: QueueTrial) => {
    const known = consumers.filter(({ messages }) => messages);
    if (known.length < consumers.length || known.length === 0) return undefined;
    return sum(known, ({ messages }) => messages![kind]!);
  };
}

interface Counted {
  label: string;
  batches: QueueTrial[];
}

/** A table of the messages of all trials. */
export function messageCounts(all: Counted[]): Html {
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

/** How often, and how long in all, there was no connection to RabbitMQ. */
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
