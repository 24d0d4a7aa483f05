/** Notices: what is missing, unreadable, in doubt or from other machines. */
import path from "node:path";
import { group } from "d3-array";
import { machineOf } from "./comparison/mod.ts";
import type { Run } from "./trials/mod.ts";
import { code } from "./snippets/mod.ts";
import { bullets, type Html, html } from "./html.ts";

/** What to do about something that wasn't measured. */
export function missing(what: string, command: string): Html {
  return html`
    <p class="notice">${what} was not measured. This measures it:</p>
    ${code(command)}
  `;
}

/** The parts that each name lacks, as in `bun, node (start)`, and the command. */
export function missingParts(
  names: Iterable<string>,
  parts: readonly string[],
  has: (name: string, part: string) => boolean,
  command: string,
  lacksAll = (name: string) => name,
): Html | undefined {
  const lacking = [...names].flatMap((name) => {
    const absent = parts.filter((part) => !has(name, part));
    if (absent.length === 0) return [];
    return absent.length === parts.length
      ? lacksAll(name)
      : `${name} (${absent.join(", ")})`;
  });
  return lacking.length > 0 ? missing(lacking.join(", "), command) : undefined;
}

/**
 * What is wrong with the files of a folder, wherever that is; nothing if nothing
 * is.
 */
export function problemList(problems: string[], folder: string): Html {
  const says = "What is wrong with the results; all that can be used is below.";
  const place = path.join(folder, path.sep);
  return noticeList(
    says,
    problems.map((problem) =>
      problem.startsWith(place) ? problem.slice(place.length) : problem
    ),
  );
}

/** Which trials are not to be trusted, and why; nothing if all are. */
export function doubtList(doubts: string[]): Html {
  return noticeList("Some trials are in doubt:", doubts);
}

/** Which runs were made on which machine; nothing if it was one. */
export function machineList(runs: Run[]): Html {
  const known = runs.filter((run) => machineOf(run) !== undefined);
  const machines = group(known, machineOf);
  if (machines.size < 2) return html``;
  const all = group(known, ({ name }) => name);
  const says =
    "The runs were made on different machines. Whatever is compared " +
    "below, the machines are compared with it:";
  return noticeList(
    says,
    [...machines].map(([machine, runs]) => {
      const names = [...group(runs, ({ name }) => name)].map(([name, here]) => {
        const total = all.get(name)!.length;
        const some = `${here.length} of ${total} runs of ${name}`;
        return here.length === total ? name : some;
      });
      const more = names.length - NAMES_SHOWN;
      const shown = names.slice(0, NAMES_SHOWN).join(", ");
      return `${machine}: ${shown}${more > 0 ? `, and ${more} more` : ""}`;
    }),
  );
}

const NAMES_SHOWN = 10;

function noticeList(says: string, items: string[]): Html {
  if (items.length === 0) return html``;
  return html`
    <div class="notice">
      <p>${says}</p>
      ${bullets(items)}
    </div>
  `;
}
