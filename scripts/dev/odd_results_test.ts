/** Every chapter with unusual results, and with impossible ones. */
import assert from "node:assert/strict";
import path from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { resultFiles } from "../../lib/results.ts";
import type { Row } from "../../lib/row.ts";
import { visible } from "../../lib/text.ts";
import { findNotebooks } from "../../notebooks/kit/chapters.ts";
import { formatComparisons } from "../../notebooks/kit/comparison/comparison_table.ts";
import {
  compareSides,
  readSides,
} from "../../notebooks/kit/comparison/sides.ts";
import type { Notebook } from "../../notebooks/kit/notebook_interface.ts";
import type { Run } from "../../notebooks/kit/trials/details.ts";
import { launchBrowser } from "./testing/browser.ts";
import { start } from "./testing/example_runs.ts";
import { type Odd, type Place, writeOdd } from "./testing/odd.ts";
import { render } from "./testing/pages.ts";
import { temporaryFolder } from "./testing/processes.ts";

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

/** The CPU time, memory and lag of a run. */
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

/** As another tool might have written it. */
const unreadable = { toFixed: () => "many" } as unknown as number;

/** Results that support no claim. */
const undecided: Record<string, Odd> = {
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

/** Changes the waits of messages, which depend on two clocks. */
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

/** Impossible values, and what a page has to say about them. */
const impossible: [what: string, odd: Odd, says?: RegExp][] = [
  [
    "the producer's clock is 120 ms ahead",
    { row: published((row) => row.true - 0.12) },
    /clock skew of at least 110\s+ms: calls were sent that long before/,
  ],
  [
    "the producer's clock is 120 ms behind",
    { row: published((row) => row.true + 0.12) },
  ],
  [
    "published is in seconds",
    { row: inUnit(1) },
    /published in 1970: that time is probably in seconds, not millisec/,
  ],
  ...["micro", "nano"].map((unit, index): [string, Odd, RegExp] => [
    `published is in ${unit}seconds`,
    { row: inUnit(1000 ** (index + 2)) },
    RegExp(`in the future: that time is probably in ${unit}seconds, not`),
  ]),
  oneTrial("a total of 0", /all calls together took no time/, {
    row: () => ({ timestamp: new Date(start), ...all(0), bytes_in: 3 }),
    run: () => ({ seconds: 0 }),
  }),
  oneTrial("a trial in 1970", /a call was sent in 1970: a clock/, {
    row: ({ call }) => ({ timestamp: new Date(1e6 + call * 10) }),
  }),
  oneTrial("a call of next year", /a call was sent in 20\d\d: a clock/, {
    row: ({ call }) =>
      call === 3 ? { timestamp: new Date(Date.now() + 370 * 864e5) } : {},
  }),
  oneTrial("an end before the start", /a call ended 200\s+ms before it was/, {
    row: ({ call }) => call === 3 ? { elapsed: -0.2 } : {},
  }),
  oneTrial("a server's microseconds", /.* these are probably in another/, {
    row: () => ({ elapsed: 0.05, server: 40_000 }),
  }),
  oneTrial("less than the least", /.* server's own times .* at least/, {
    run: () => ({ seconds: 0.01 }),
  }),
  oneTrial("a call of 30 s that timed out", /a call timed out/, {
    row: ({ call }) =>
      call === 3
        ? {
          ...{ elapsed: 30, status: undefined, server: undefined },
          error: "timeout: incomplete after 30 s",
        }
        : {},
  }),
];

/** Impossible values in one trial of each name, which is left out. */
function oneTrial(
  what: string,
  why: RegExp,
  { row, run }: Odd,
): [string, Odd, RegExp] {
  const says = RegExp(`1 of 5 trials of sync, .* left out: ${why.source}`);
  return [what, {
    row: (place) => place.trial === 2 && row?.(place) || {},
    run: (place) => place.trial === 2 && run?.(place) || {},
  }, says];
}

/** Runs from two machines. */
const mixed: Odd = {
  run: ({ file, trial }) => on(file % 2 || trial % 2 ? 2 : 8),
};

const numbers = Array.from({ length: 100 }, (_, index) => index + 1);

const hundred: Odd = {
  more: {
    "semaphore-3": numbers.map((number) => `semaphore-${number}`),
    "hono-base64": numbers.map((number) => `server ${number}-base64`),
    "consumers-4-1": numbers.map((number) => `consumers-${number}-1`),
  },
};

/** File names, in groups that a chart can draw. */
const names = [
  ["two words", " ", ".", "..", "-rf", "--help", "it's", '"quoted" twice'],
  ["# % & ? ; : * |", "< > \\ ~ $HOME `id`", "%41%00", "{braces} [0]"]
    .concat("a\nline\r\tand a tab", "\x1b[31mred\x07", "🦕👩‍👩‍👧", "עברית"),
  ["a\u202eright to left", "漢字".repeat(20), "e\u0301\u0323".repeat(9)]
    .concat("x".repeat(200), "constructor", "__proto__", "\ufeffbom", "\u2028"),
];

/** Servers with these names. */
function named(names: string[]): Odd {
  return { more: { "hono-base64": names.map((name) => `${name}-base64`) } };
}

const notebooks = await Promise.all(
  findNotebooks([]).map(async (file): Promise<[string, Notebook]> => {
    const { default: notebook } = await import(pathToFileURL(file).href);
    return [path.basename(file), notebook];
  }),
);

interface Page {
  file: string;
  /** The titles of its charts. */
  titles: string[];
  text: string;
  html: string;
}

/** Renders the chapters and checks that none says NaN or the like. */
function pagesOf(
  odd: Odd,
  { only = "", results = temporaryFolder(), look = (_: Document) => {} } = {},
): [Page, ...Page[]] {
  writeOdd(results, odd);
  const some = notebooks.filter(([file]) => file.startsWith(only));
  return some.map(([file, notebook]) => {
    const { html, document, texts, stderr } = render(notebook, results);
    assert.ok(html.length < 2e6, `${file} has ${html.length} bytes`);
    const others = stderr.replace(/.*impossible values in .*\n?/g, "");
    assert.match(others, odd.problems ?? /^$/, file);
    const titles = texts("figure h3");
    look(document);
    for (const code of document.querySelectorAll("pre, code")) code.remove();
    const main = document.querySelector("main")!;
    for (const element of main.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        assert.doesNotMatch(value, noNumber, `${name} in ${file}`);
      }
    }
    const text = main.textContent!;
    assert.doesNotMatch(text, noNumber, file);
    return { file, titles, text, html };
  }) as [Page, ...Page[]];
}

const noNumber = /\b(NaN|undefined|null|Infinity)\b|∞|\[object/;

/** Titles that claim a difference. */
const claim = / times as | (less|longer|more)\b.*\(95 %/;

const claims = (pages: Page[]) =>
  pages.flatMap(({ file, titles }) =>
    titles.filter((title) => claim.test(title))
      .map((title) => `${file}: ${title}`)
  );

const notice = /made on different machines/;

test("usual results support claims in most chapters, and mention no machines", () => {
  const pages = pagesOf({});
  const files = claims(pages).map((said) => said.split(":")[0]);
  assert.ok(new Set(files).size >= 5, files.join());
  for (const { file, text } of pages) assert.doesNotMatch(text, notice, file);
});

for (const [what, odd] of Object.entries(undecided)) {
  test(`${what}: every chapter is drawn and claims nothing`, () => {
    const pages = pagesOf(odd);
    assert.ok(pages.every(({ titles }) => titles.length > 0));
    assert.deepEqual(claims(pages), []);
  });
}

for (const [what, odd, says] of impossible) {
  test(`${what}: no chapter and no comparison shows it`, () => {
    const results = temporaryFolder();
    const pages = pagesOf(odd, { results, look: onlyPossible });
    const { text } = pages.find(({ file }) => file === "three-styles.ts")!;
    if (says) assert.match(text, says);

    const files = ["async", "sync", "async_rabbitmq"]
      .map((name) => resultFiles(results, name).csv);
    const { sides } = readSides(files);
    const compared = formatComparisons(compareSides(sides));
    const [tables] = compared.split("Means over the trials");
    assert.doesNotMatch(tables!, /[1-9]\d{6}|e\+|∞|NaN/);
    for (const line of tables!.split("\n")) assert.ok(line.length <= 100, line);
  });
}

test("a claim about calls that mostly failed says so", () => {
  const row = ({ call }: Place) => ({ status: call < 7 ? 500 : 200 });
  const [{ titles }] = pagesOf({ row }, { only: "three-styles.ts" });
  assert.match(titles.join(), /as fast as sync.*; most calls of .* failed/);
});

test("every chapter says that results come from two machines, and names both", () => {
  for (const { file, text } of pagesOf(mixed)) {
    assert.match(text, notice, file);
    for (const machine of [/8 x a processor/, /2 x a processor/]) {
      assert.match(text.split(notice)[1]!, machine, file);
    }
  }
});

test("a chart draws some of a hundred series, and its table has all", () => {
  const pages = pagesOf(hundred);
  const page = (name: string) => pages.find(({ file }) => file === name)!.text;
  const many = ["frameworks.ts", "queue.ts", "three-styles.ts"];
  for (const { file, text } of pages) {
    const some = /Of 10\d .* 12 are drawn/s;
    assert.equal(some.test(text), many.includes(file), file);
  }
  assert.match(page("frameworks.ts"), /server 57\/base64/);
  assert.match(page("three-styles.ts"), /semaphore-57, ours/);
  assert.match(page("queue.ts"), /57 consumers/);
});

for (const some of names) {
  test(`names such as ${visible(some[0]!)} are shown in full, on one line`, () => {
    const [{ text }] = pagesOf(named(some), { only: "frameworks.ts" });
    for (const name of some) {
      const label = visible(`${name}/base64`);
      assert.ok(text.includes(label), label);
    }
  });
}

/** Evaluated in the page: texts that overlap, and sideways scrolling. */
const overlaps = `(() => {
  const found = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push("scrolls sideways by " + wide);
  for (const svg of document.querySelectorAll("svg")) {
    const texts = [...svg.querySelectorAll("text")]
      .map((text) => ({ text, box: text.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0);
    for (const [index, { text, box }] of texts.entries()) {
      for (const other of texts.slice(index + 1)) {
        const wide = Math.min(box.right, other.box.right) -
          Math.max(box.left, other.box.left);
        const high = Math.min(box.bottom, other.box.bottom) -
          Math.max(box.top, other.box.top);
        if (wide > 2 && high > 7) {
          found.push(svg.closest("figure").id + ": " + text.textContent +
            " is upon " + other.text.textContent);
        }
      }
    }
  }
  return found;
})()`;

/** With the chapters whose charts are the most crowded. */
const crowded: [what: string, odd: Odd, chapters: string[]][] = [
  ["a hundred series", hundred, ["frameworks.ts", "three-styles.ts"]],
  ["names in signs", named(names[1]!), ["frameworks.ts"]],
  ["names in scripts", named(names[2]!), ["frameworks.ts"]],
  [
    "huge values",
    undecided["huge values"]!,
    ["load-models.ts", "event-loop.ts"],
  ],
];

const browser = await launchBrowser();
after(() => browser.close());

for (const [what, odd, chapters] of crowded) {
  test(`with ${what} no texts overlap, and no page scrolls sideways`, async () => {
    const page = await browser.newPage();
    for (const only of chapters) {
      const [{ html }] = pagesOf(odd, { only });
      for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        await page.setContent(html);
        assert.deepEqual(
          await page.evaluate(overlaps),
          [],
          `${only}, ${width}`,
        );
      }
    }
    await page.close();
  });
}

/** A negative time, or one of many years. */
const noTime =
  /(?<![\w.,])[-−]\d[\d.,]* m?s\b|\d,\d{3},\d{3}[\d,]* m?s\b|e\+\d/;

/** Checks that no sentence, cell or axis shows an impossible value. */
function onlyPossible(document: Document) {
  const main = document.querySelector("main")!;
  for (const element of main.querySelectorAll("script, pre, code")) {
    element.remove();
  }
  const texts = [...main.querySelectorAll("*")]
    .flatMap(({ childNodes }) => [...childNodes])
    .filter(({ nodeType }) => nodeType === 3)
    .map(({ textContent }) => textContent!);
  assert.deepEqual(texts.filter((text) => noTime.test(text)), []);
  // Text only: the attributes of marks hold the data.
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
