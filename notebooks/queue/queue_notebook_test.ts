import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { render } from "../../scripts/dev/testing/pages.ts";
import { resultFiles } from "../../lib/results.ts";
import type { Run } from "../kit/trials/details.ts";
import { formatRow } from "../../lib/row.ts";
import {
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";
import notebook from "../queue.ts";

const CALLS = 12;

/** The lines of the table of messages, by their first cell. */
function books(document: Document): Record<string, string> {
  const table = [...document.querySelectorAll("table")]
    .find(({ textContent }) => textContent!.includes("Redelivered"))!;
  const lines = [...table.querySelectorAll("tr")].map((line) =>
    [...line.children].map(({ textContent }) => textContent!.trim())
  );
  return Object.fromEntries(
    lines.map(([first, ...rest]) => [first, rest.join(" ")]),
  );
}

/** Trials of some consumers, with their total times in seconds. */
function measured(
  folder: string,
  consumers: number,
  totals: number[],
  { lost = 0, given = {} as Partial<Run> } = {},
) {
  const many = `consumers-${consumers}`;
  const producer = (trial: number) => `mabcdef${trial}-${consumers}aaa`;
  const counted = { published: CALLS, again: 0, confirmed: CALLS };
  const by = "scripts/consumers.ts";
  writeTrials(
    folder,
    `producer/${many}`,
    totals.map((_, trial) => ({
      run: someRun({
        ...{ run: producer(trial), messages: counted, unique: undefined, by },
        outages: { times: 0, seconds: 0 },
      }),
      rows: [],
    })),
  );
  for (let n = 0; n < consumers; n++) {
    const ids = Array.from({ length: CALLS - lost }, (_, id) => id)
      .filter((id) => id % consumers === n);
    const count = ids.length;
    const messages = { delivered: count, redelivered: 0, called: count };
    const rest = { written: count, acknowledged: count, dead: 0 };
    writeTrials(
      folder,
      `${many}/${n + 1}`,
      totals.map((seconds, trial) => ({
        run: someRun({
          ...{ run: `${many}-${n}-${trial}`, name: `${many}/${n + 1}`, by },
          ...{ byMessage: true, unique: undefined, concurrency: 5 },
          messages: { ...messages, ...rest },
          ...given,
        }),
        rows: ids.map((id) => {
          const sent = start + trial * 1e5 + id * 1000 * seconds / CALLS;
          return someRow({
            ...{ run: `${many}-${n}-${trial}`, name: `${many}/${n + 1}` },
            ...{ id: `${producer(trial)}-${id}`, wait: 0, server: 0.1 },
            elapsed: seconds / CALLS,
            timestamp: new Date(sent),
          });
        }),
      })),
    );
  }
}

const around = (total: number) =>
  [1, 1.02, 0.98, 1.01, 0.99].map((share) => share * total);

test("the chart says how many times as much more consumers do", () => {
  const folder = temporaryFolder();
  measured(folder, 1, around(4));
  measured(folder, 2, around(2));
  measured(folder, 4, around(1));
  const { texts, stderr, html, document } = render(notebook, folder);
  assert.equal(stderr, "");
  const [title] = texts("figure h3");
  assert.match(
    title!,
    /^4 consumers make 4\.00 times as many calls per second /,
  );
  // Five calls in flight that take a tenth of a second each.
  assert.match(html, /4 consumers: 12\.0/);
  const all = "60 60 60 0 60 60 60 0 0 0 none";
  assert.deepEqual(books(document), {
    "Messages": "Published Confirmed Delivered Redelivered Called Written " +
      "Acknowledged Dead letters Duplicates Missing No progress",
    ...{ "1 consumer": all, "2 consumers": all, "4 consumers": all },
  });
});

test("messages that are missing are counted, and their trial is none", () => {
  const folder = temporaryFolder();
  measured(folder, 1, around(4));
  measured(folder, 2, [2], { lost: 3 });
  const { texts, stderr, document } = render(notebook, folder);
  assert.match(stderr, /has 9 of its 12 calls and is left out/);
  assert.match(texts("figure h3")[0]!, /^Nothing to compare 1 consumer with/);
  assert.equal(
    books(document)["2 consumers"],
    "12 12 9 0 9 9 9 0 0 3 none",
  );
});

test("what a killed consumer counted is not known, and its rows are", () => {
  const folder = temporaryFolder();
  measured(folder, 1, [4], { given: { messages: undefined, end: undefined } });
  const { document } = render(notebook, folder);
  assert.equal(books(document)["1 consumer"], "12 12 - - 12 12 - - 0 0 none");
});

test("the page says how many messages reused an id", () => {
  const folder = temporaryFolder();
  measured(folder, 1, [4]);
  const name = "consumers-1/1";
  const row = { run: "consumers-1-0-0", name, id: "7" };
  const { csv } = resultFiles(folder, name);
  const rows = [row, row, row].map((given) => formatRow(someRow(given)) + "\n");
  fs.appendFileSync(csv, rows.join(""));
  const { body, document } = render(notebook, folder);
  assert.match(body, /2 messages reused an id that another message had\./);
  assert.equal(books(document)["1 consumer"]!.split(" ").at(8), "0");
});
