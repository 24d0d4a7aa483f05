/** What results may look like that nobody thought of when a chapter was drawn. */
import type { Run } from "./results.ts";
import type { Row } from "./rows.ts";
import type { Odd } from "./testing_odd.ts";

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
