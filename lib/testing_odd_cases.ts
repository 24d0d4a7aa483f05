/** Odd results, by what is odd about them. */
import type { Run } from "./results.ts";
import type { Odd } from "./testing_odd.ts";

const nothing = {
  ...{ elapsed: undefined, wait: undefined, ttfb: undefined },
  ...{ server: undefined, bytes_in: undefined, bytes_out: undefined },
};
const all = (value: number, bytes = value) => ({
  ...{ elapsed: value, wait: value, ttfb: value, server: value },
  ...{ bytes_in: bytes, bytes_out: bytes },
});
const using = (value: number): Partial<Run> => ({
  cpu: value,
  server: {
    cpu: value,
    memory: value,
    lag: {
      ...{ min: value, mean: value, p50: value, p90: value },
      p95: value,
      p99: value,
      max: value,
    },
  },
});

const numbers = Array.from({ length: 100 }, (_, index) => index + 1);

/** Names of servers that a file may have, and what nobody would call one. */
export const names = [
  "a name with spaces",
  " ",
  ".",
  "..",
  "-rf",
  "--help",
  "'quoted' \"twice\"",
  "# % & ? ; : * | < > \\ ~ $HOME `id`",
  "%41%00",
  "{braces} [brackets]",
  "a\nline break\r\tand tabs",
  "\x1b[31mred\x07",
  "emoji 🦕👩‍👩‍👧",
  "עברית",
  "العربية",
  "a\u202eright to left",
  "漢字".repeat(20),
  "e\u0301\u0323".repeat(10),
  "x".repeat(200),
  "NaN-ish",
  "constructor",
  "__proto__",
  "toString",
  "metrics_a.csv",
  "\ufeffbom",
  "\u2028line",
];

const machine = (cpus: number) => ({
  environment: {
    runtime: "deno 2",
    cpu: "a processor",
    cpus,
    os: "Linux 6 x64",
    version: "1",
  },
});

export const cases: Record<string, Odd> = {
  "nothing odd": {},
  "one row": { trials: 1, calls: 1 },
  "one call in each trial": { calls: 1 },
  "two trials of two": { trials: 2, calls: 2 },
  "all failures": {
    row: () => ({
      ...nothing,
      elapsed: 0.001,
      status: undefined,
      error: "refused: ECONNREFUSED",
    }),
  },
  "all failures, and nothing measured": {
    row: () => ({ ...nothing, status: undefined, error: "dns: ENOTFOUND" }),
    run: () => ({ cpu: undefined, server: undefined, highest: undefined }),
  },
  "all answers are 500": { row: () => ({ status: 500 }) },
  "all answers are 429": { row: () => ({ status: 429 }) },
  "all the same": {
    row: () => all(0.02, 100),
    run: () => using(0.5),
    lag: 0.02,
  },
  "all zero": {
    row: ({ trial }) => ({ ...all(0), timestamp: new Date(1e12 + trial) }),
    run: () => using(0),
    lag: 0,
  },
  "huge": { row: () => all(1e6, 1e12), run: () => using(1e12), lag: 1e6 },
  "huge and varied": {
    row: ({ trial, call, file }) =>
      all(1e6 * (1 + file + trial / 10 + call / 100), 1e12),
    run: ({ trial }) => using(1e12 + trial),
    lag: 1e6,
  },
  "tiny": { row: () => all(1e-6, 1), run: () => using(1e-6), lag: 1e-6 },
  "twelve orders of magnitude": {
    row: ({ call, trial }) => all(10 ** (call - 5 - trial / 10), 10 ** call),
  },
  "a clock that was set back": {
    row: ({ trial, call }) => all(-0.5 - trial - call / 10, 0),
  },
  "a hundred series": {
    more: {
      "semaphore-3": numbers.map((number) => `semaphore-${number}`),
      "hono-base64": numbers.map((number) => `server ${number}-base64`),
      "consumers-4-1": numbers.map((number) => `consumers-${number}-1`),
    },
  },
  "names with every odd character": {
    more: { "hono-base64": names.map((name) => `${name}-base64`) },
  },
  "some names from another machine": {
    run: ({ file }) => machine(file % 2 ? 2 : 8),
  },
  "trials from different machines": {
    run: ({ trial }) => machine(trial % 2 ? 2 : 8),
  },
};
