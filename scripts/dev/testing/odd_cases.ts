/** What results may look like that nobody thought of when a chapter was drawn. */
import assert from "node:assert/strict";
import type { Run } from "../../../notebooks/kit/trials/details.ts";
import { start } from "./example_runs.ts";
import type { Row } from "../../../lib/row.ts";
import type { Odd, Place } from "./odd.ts";

const nothing: Partial<Row> = {
  ...{ elapsed: undefined, wait: undefined, ttfb: undefined },
  ...{ server: undefined, bytes_in: undefined, bytes_out: undefined },
};

function all(value: number, bytes = value): Partial<Row> {
  return {
    ...{ elapsed: value, wait: value, ttfb: value, server: value },
    ...{ bytes_in: bytes, bytes_out: bytes },
  };
}

/** What a server and its client took. */
function using(value: number): Partial<Run> {
  const few = { min: value, mean: value, p50: value, p90: value };
  const lag = { ...few, p95: value, p99: value, max: value };
  const process = { runtime: "deno 2.0.0", start: value, memory: value };
  return { cpu: value, process, server: { cpu: value, memory: value, lag } };
}

function on(cpus: number): Partial<Run> {
  const machine = { cpu: "a processor", cpus, os: "Linux 6 x64" };
  return { environment: { ...machine, runtime: "deno 2", version: "1" } };
}

/** As something else than these scripts may have written it. */
const unreadable = { toFixed: () => "many" } as unknown as number;

/** Trials of which nothing can be claimed. */
export const undecided: Record<string, Odd> = {
  "one row": { trials: 1, calls: 1 },
  "two trials of two calls": { trials: 2, calls: 2 },
  "all calls failed": {
    row: ({ call }) => ({
      ...{ ...nothing, elapsed: call / 1000, status: undefined },
      error: "refused: ECONNREFUSED",
    }),
  },
  "all calls failed, and nothing was measured": {
    row: () => ({ ...nothing, status: undefined, error: "dns: ENOTFOUND" }),
    run: () => ({ cpu: undefined, server: undefined, highest: undefined }),
  },
  "all answers are 429 or 500": {
    row: ({ call }) => ({ status: call % 2 ? 429 : 500 }),
  },
  "all values are the same": {
    row: () => all(0.02, 100),
    run: () => using(0.5),
    lag: 0.02,
  },
  "all values are 0": {
    row: ({ trial }) => ({ ...all(0), timestamp: new Date(1e12 + trial) }),
    run: () => using(0),
    lag: 0,
  },
  "huge values": {
    row: () => all(1e6, 1e12),
    run: () => using(1e12),
    lag: 1e6,
  },
  "tiny values": { row: () => all(1e-6, 1), run: () => using(1e-6), lag: 1e-6 },
  "values of twelve orders of magnitude": {
    row: ({ call, trial }) => all(10 ** (call - 5 - trial / 10), 10 ** call),
  },
  "one row in twelve can't be read": {
    row: ({ call }) => call === 5 ? { bytes_in: unreadable } : {},
    problems: /bytes_in can't be "many"/,
  },
  "a clock that was set back": {
    row: ({ trial, call }) => all(-0.5 - trial - call / 10, 0),
  },
};

/** Values that nothing can have measured, and what has to be said of them. */
export interface Impossible extends Odd {
  says?: RegExp;
}

/** Times of messages: those of others are of one clock. */
function published(
  wait: (row: { sent: number; true: number }) => number,
): Odd["row"] {
  return ({ name, trial, file, call }) => {
    if (!/rabbitmq|consumers/.test(name)) return {};
    const sent = (start + trial * 1e5 + file * 1e3 + call * 10) / 1000;
    return { wait: wait({ sent, true: 0.01 * (call + 1) }) };
  };
}

const inUnit = (perSecond: number) =>
  published(({ sent }) => sent - sent * perSecond / 1000);

const ofMessages: Record<string, Impossible> = {
  "the producer's clock is 120 ms ahead": {
    row: published((row) => row.true - 0.12),
    says: /clock skew of at least 110\s+ms: calls were sent that long before/,
  },
  "the producer's clock is 120 ms behind": {
    row: published((row) => row.true + 0.12),
  },
  "published is in seconds": {
    row: inUnit(1),
    says: /published in 1970: that time is probably in seconds, not millisec/,
  },
  "published is in microseconds": {
    row: inUnit(1e6),
    says: /in the future: that time is probably in microseconds, not millisec/,
  },
  "published is in nanoseconds": {
    row: inUnit(1e9),
    says: /in the future: that time is probably in nanoseconds, not millisec/,
  },
};

/** The same of one trial. */
const inOneTrial: Record<string, Impossible> = {
  "a total of 0": {
    row: () => ({
      ...{ timestamp: new Date(start), wait: 0, elapsed: 0, server: 0 },
    }),
    run: () => ({ seconds: 0 }),
    says: /1 of 5 trials of sync left out: all calls together took no time/,
  },
  "a trial in 1970": {
    row: ({ call }) => ({ timestamp: new Date(1e6 + call * 10) }),
    says: /1 of 5 trials of sync left out: a call was sent in 1970: a clock/,
  },
  "a call of next year": {
    row: ({ call }) =>
      call === 3 ? { timestamp: new Date(Date.now() + 370 * 864e5) } : {},
    says: /1 of 5 trials of sync left out: a call was sent in 20\d\d: a clock/,
  },
  "a call that ended before it was sent": {
    row: ({ call }) => call === 3 ? { elapsed: -0.2 } : {},
    says: /1 of 5 trials of sync left out: a call ended 200\s+ms before it was/,
  },
  "a server that counts in microseconds": {
    row: () => ({ elapsed: 0.05, server: 40_000 }),
    says: /1 of 5 trials of sync left out: .* these are probably in another/,
  },
  "a total below the least one": {
    run: () => ({ seconds: 0.01 }),
    says: /1 of 5 trials of sync left out: .* server's own times .* at least/,
  },
  "a call of 30 s that timed out": {
    row: ({ call }) =>
      call === 3
        ? {
          ...{ elapsed: 30, status: undefined, server: undefined },
          error: "timeout: incomplete after 30 s",
        }
        : {},
    says:
      /No trial of the \d+ here .* 1 of 5 trials of sync left out: a call timed out/,
  },
};

/** All of them, those of one trial only in sync. */
export const impossible: Record<string, Impossible> = {
  ...ofMessages,
  ...onlyIn(2, (name) => name === "sync"),
};

/** Those of one trial, in each name. */
export const impossibleEverywhere = onlyIn(2, () => true);

function onlyIn(trial: number, isWanted: (name: string) => boolean) {
  return Object.fromEntries(
    Object.entries(inOneTrial).map(([what, { row, run, says }]) => {
      const isIn = (place: Place) =>
        place.trial === trial && isWanted(place.name);
      return [what, {
        row: (place: Place) => isIn(place) && row?.(place) || {},
        run: (place: Place) => isIn(place) && run?.(place) || {},
        says,
      }];
    }),
  );
}

/** Some names, and some trials of others, from another machine. */
export const mixed: Odd = {
  run: ({ file, trial }) => on(file % 2 || trial % 2 ? 2 : 8),
};

const numbers = Array.from({ length: 100 }, (_, index) => index + 1);

export const hundred: Odd = {
  more: {
    "semaphore-3": numbers.map((number) => `semaphore-${number}`),
    "hono-base64": numbers.map((number) => `server ${number}-base64`),
    "consumers-4-1": numbers.map((number) => `consumers-${number}-1`),
  },
};

/** Names that a file may have; as many of them as are drawn at a time. */
export const names = [
  ["two words", " ", ".", "..", "-rf", "--help", "it's", '"quoted" twice'],
  ["# % & ? ; : * |", "< > \\ ~ $HOME `id`", "%41%00", "{braces} [0]"]
    .concat("a\nline\r\tand a tab", "\x1b[31mred\x07", "🦕👩‍👩‍👧", "עברית"),
  ["a\u202eright to left", "漢字".repeat(20), "e\u0301\u0323".repeat(9)]
    .concat("x".repeat(200), "constructor", "__proto__", "\ufeffbom", "\u2028"),
];

/** Servers of those names. */
export function named(names: string[]): Odd {
  return { more: { "hono-base64": names.map((name) => `${name}-base64`) } };
}

/** A time below 0, or of many years. */
const noTime =
  /(?<![\w.,])[-−]\d[\d.,]* m?s\b|\d,\d{3},\d{3}[\d,]* m?s\b|e\+\d/;

/** Asserts that no sentence, cell or axis of a page has what can't be. */
export function onlyPossible(document: Document) {
  const main = document.querySelector("main")!;
  for (const element of main.querySelectorAll("script, pre, code")) {
    element.remove();
  }
  const texts = [...main.querySelectorAll("*")]
    .flatMap(({ childNodes }) => [...childNodes])
    .filter(({ nodeType }) => nodeType === 3)
    .map(({ textContent }) => textContent!);
  assert.deepEqual(texts.filter((text) => noTime.test(text)), []);
  // Of text alone, since marks have what they are of in their attributes.
  for (const figure of main.querySelectorAll("figure")) {
    if (figure.id === "trial-order") continue;
    for (const { textContent } of figure.querySelectorAll("svg text, td")) {
      const [number] = /^[-−]?[\d,.]+/.exec(textContent!) ?? [];
      const value = Number(number?.replaceAll(",", "").replace("−", "-"));
      assert.ok(!(value < 0) && !(value > 1e6), `${figure.id}: ${textContent}`);
    }
  }
  for (const table of main.querySelectorAll("table")) {
    const heads = [...table.querySelectorAll("th")]
      .map(({ textContent }) => textContent);
    const column = heads.indexOf("Efficiency");
    if (column < 0) continue;
    for (const row of table.querySelectorAll("tbody tr")) {
      const cell = row.children[column]!.firstChild?.textContent ?? "";
      assert.ok(!(Number(cell) > 1.001), cell);
    }
  }
}
