import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { JSDOM } from "jsdom";
import { formatRow, header } from "../lib/row.ts";
import { page } from "../notebooks/kit/page.ts";
import { snippet } from "../notebooks/kit/snippets/snippet.ts";
import {
  runScript,
  someRow,
  temporaryFolder,
} from "./dev/testing/processes.ts";
import notebook from "../notebooks/three-styles.ts";

/** Writes trials that each took so many seconds. */
function measured(folder: string, name: string, totals: number[], calls = 4) {
  const file = path.join(folder, `metrics_${name}`);
  const lines = totals.flatMap((_, trial) =>
    Array.from(
      { length: calls },
      (_, id) =>
        formatRow(someRow({ name, run: `${name}-${trial}`, id: String(id) })),
    )
  );
  const runs = totals.map((seconds, trial) => ({
    run: `${name}-${trial}`,
    name,
    command: `scripts/${name}.ts <b>`,
    options: {},
    start: "2024-05-06T07:08:09.000Z",
    end: "2024-05-06T07:08:19.000Z",
    concurrency: null,
    calls,
    seconds,
    environment: { runtime: "deno 2.0.0", cpu: "a test's own" },
  }));
  fs.writeFileSync(`${file}.csv`, [header, ...lines, ""].join("\n"));
  fs.writeFileSync(`${file}.json`, JSON.stringify({ runs }));
}

async function report(folder: string, ...options: string[]) {
  const ended = await runScript("report.ts", "--results", folder, ...options);
  const read = (file: string) => {
    const html = fs.readFileSync(path.join(folder, file), "utf8");
    return { html, document: new JSDOM(html).window.document };
  };
  return { ...ended, read };
}

/** The page of a chapter as the report writes it, without a process. */
function rendered(folder: string): string {
  return page(notebook.title, notebook.write(folder).body);
}

function textOf(document: Document, selector: string): string[] {
  return [...document.querySelectorAll(selector)]
    .map((element) => element.textContent!.replace(/\s+/g, " ").trim());
}

const everything = temporaryFolder();
const trials = [1, 1.02, 1.01, 0.98, 0.99];
const scaled = (factor: number) => trials.map((trial) => factor * trial);
measured(everything, "sync", scaled(4));
measured(everything, "async", trials);
measured(everything, "semaphore-3", scaled(2));
measured(everything, "async_rabbitmq", scaled(1.2));
measured(everything, "producer", scaled(0.1));
const reported = await report(everything);

test("the report prints the path of each page, and of the index", () => {
  const { code, stdout, stderr, read } = reported;
  const absent = stderr.trim().split("\n");
  assert.equal(absent.length, 3);
  for (const line of absent) assert.match(line, /there is no such file/);
  assert.equal(code, 0);
  assert.deepEqual(stdout.trim().split("\n"), [
    path.join(everything, "three-styles.html"),
    path.join(everything, "rate-limit.html"),
    path.join(everything, "load-models.html"),
    path.join(everything, "frameworks.html"),
    path.join(everything, "event-loop.html"),
    path.join(everything, "queue.html"),
    path.join(everything, "runtimes.html"),
    path.join(everything, "index.html"),
  ]);
  const { document } = read("index.html");
  const [line, where, ...others] = textOf(document, "section p");
  assert.match(
    line!,
    /^Async is 4\.00 times as fast as sync \(95 %: 3\.\d\d to 4\.\d\d\)\.$/,
  );
  assert.equal(where, "Measured on 2024-05-06: deno 2.0.0, a test's own.");
  assert.deepEqual(others, []);
  assert.deepEqual(
    textOf(document, "section pre"),
    [
      "rate-limit",
      "load-models",
      "frameworks",
      "event-loop",
      "queue",
      "runtimes",
    ]
      .map((chapter) => `deno task demo --only ${chapter}`),
  );
  assert.equal(document.querySelectorAll("section svg").length, 1);
});

test("the pages ask nothing of anybody", () => {
  const { read } = reported;
  for (const file of ["three-styles.html", "index.html"]) {
    const { html, document } = read(file);
    assert.doesNotMatch(html, /@import|url\((?!#)/);
    for (const element of document.querySelectorAll("[src], [href]")) {
      const to = element.getAttribute("src") ?? element.getAttribute("href");
      assert.match(to!, /^(data:,|#|[\w-]+\.html)/);
    }
  }
});

test("the snippets are the code of the scripts", () => {
  const { document } = reported.read("three-styles.html");
  const blocks = [...document.querySelectorAll("pre code")]
    .map(({ textContent }) => textContent);
  for (const script of ["sync", "async", "semaphore", "producer", "consumer"]) {
    assert.ok(blocks.includes(snippet(`scripts/${script}.ts`)), script);
  }
});

test("each chart is named, and has classes and ids of its own", () => {
  const { document } = reported.read("three-styles.html");
  const charts = [...document.querySelectorAll("figure svg")];
  const classes = charts.map((chart) => chart.getAttribute("class"));
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  assert.equal(charts.length, 14);
  assert.equal(new Set(classes).size, charts.length);
  assert.equal(new Set(ids).size, ids.length);
  for (const chart of charts) {
    assert.equal(chart.getAttribute("role"), "img");
    assert.ok(chart.getAttribute("aria-label"));
    assert.equal(chart.getAttribute("xmlns"), "http://www.w3.org/2000/svg");
  }
});

test("what a file says stays text", () => {
  const { document } = reported.read("three-styles.html");
  assert.equal(document.querySelector("pre b"), null);
});

test("styles that are alike show no difference, and their order is said", () => {
  const folder = temporaryFolder();
  measured(folder, "sync", trials);
  measured(folder, "async", trials.toReversed());
  const { document } = new JSDOM(rendered(folder)).window;
  assert.match(
    textOf(document, "#total h3").join(),
    /^No difference shown between \w+ and \w+ in total time: .* most \(95 %\)$/,
  );
  assert.deepEqual(
    textOf(document, "#trial-order h3"),
    ["No trial is more than 2.00 % off its style's mean; no drift shown"],
  );
  const limits = textOf(document, "ul:last-of-type li").join();
  assert.match(limits, /A difference is claimed only .*, 5 of each style/);
  // All fixtures began at one time.
  assert.match(limits, /Sync and async were not interleaved/);
});

test("few trials claim nothing, and stand with their least and most", () => {
  const folder = temporaryFolder();
  measured(folder, "sync", [4, 4.2, 4.4]);
  measured(folder, "async", [1, 1.1, 1.2]);
  const { document } = new JSDOM(rendered(folder)).window;
  assert.deepEqual(textOf(document, "#total h3"), [
    "Not enough data to compare async and sync in total time: 1 more trial of " +
    "each",
  ]);
  const cells = textOf(document, "tbody td");
  assert.ok(cells.includes("4.20 s (4.00 to 4.40 s)"), cells.join());
  assert.match(
    textOf(document, "li").join(),
    /3 trials are few, .*: a claim takes 4 trials of each style/,
  );
});

test("what is missing is said with its command, and the rest is there", async () => {
  const folder = temporaryFolder();
  measured(folder, "sync", [1, 1]);
  const { code, stderr, read } = await report(folder);
  const { document } = read("three-styles.html");
  assert.equal(code, 0);
  assert.match(stderr, /metrics_async\.csv: there is no such file/);
  const commands = textOf(document, "pre");
  assert.ok(commands.includes("deno run -A scripts/async.ts"));
  assert.ok(
    textOf(document, ".notice").some((notice) =>
      notice.startsWith("The queue was not measured")
    ),
  );
  assert.ok(textOf(document, "tbody th").includes("sync, ours"));
});

test("bad files are named with the line, on stderr and on the page", async () => {
  const folder = temporaryFolder();
  measured(folder, "sync", [1, 1]);
  fs.appendFileSync(path.join(folder, "metrics_sync.csv"), "2024-05");
  fs.writeFileSync(path.join(folder, "metrics_async.csv"), "");
  fs.writeFileSync(path.join(folder, "metrics_async.json"), "{");
  const { code, stderr, read } = await report(folder);
  assert.equal(code, 0);
  const page = read("three-styles.html").document.body.textContent!;
  for (
    const problem of [
      "metrics_sync.csv:10: the last line is torn; it is skipped",
      "metrics_async.csv:1: the file is empty",
    ]
  ) {
    assert.ok(stderr.includes(problem), stderr);
    assert.ok(page.includes(problem));
  }
});

test("many calls are counted in bins, so that the page stays small", () => {
  const folder = temporaryFolder();
  measured(folder, "sync", [1], 20_000);
  measured(folder, "async", [1], 20_000);
  const html = rendered(folder);
  assert.ok(html.length < 1e6, `${html.length} characters`);
});

test("a chapter that isn't there is wrong usage", async () => {
  const { code, stderr } = await report(everything, "three-stiles");
  assert.equal(code, 2);
  assert.match(stderr, /three-stiles is not a chapter; .*three-styles/);
});

test("a folder without a CSV is said, and what fills it", async () => {
  const { code, stderr } = await report(temporaryFolder());
  assert.equal(code, 1);
  assert.match(stderr, /has no metrics_\*\.csv; deno task demo/);
});

test("an --out that can't be written is said", async () => {
  const file = path.join(everything, "a-file");
  fs.writeFileSync(file, "");
  // A chapter that was not measured, and is soon written.
  const options = ["load-models", "--out", file];
  const { code, stderr } = await report(everything, ...options);
  assert.equal(code, 1);
  assert.match(stderr, /^--out .*a-file can't be written/m);
});

test("each chapter is a post with its charts beside it, as it is asked for", async () => {
  const out = temporaryFolder();
  const options = ["three-styles", "--out", out, "--format", "md"];
  const { code, stdout } = await report(everything, ...options);
  assert.equal(code, 0);
  assert.equal(stdout, `${path.join(out, "three-styles.md")}\n`);
  const post = fs.readFileSync(path.join(out, "three-styles.md"), "utf8");
  const images = [...post.matchAll(/^!\[.*\]\((.*)\)$/gm)].map(([, to]) => to!);
  assert.equal(images.length, 7);
  assert.ok(images.includes("three-styles-total.svg"));
  assert.deepEqual(
    fs.readdirSync(out).sort(),
    [...images, "three-styles.md"].sort(),
  );
});

test("each chapter is a notebook of Jupyter's, as it is asked for", async () => {
  const out = temporaryFolder();
  const options = ["queue", "three-styles", "--out", out, "--format", "ipynb"];
  const { code, stdout } = await report(everything, ...options);
  assert.equal(code, 0);
  const files = ["three-styles.ipynb", "queue.ipynb"];
  assert.equal(
    stdout,
    files.map((file) => `${path.join(out, file)}\n`).join(""),
  );
  assert.deepEqual(fs.readdirSync(out).sort(), files.toSorted());
});

test("options that make no sense are wrong usage", async () => {
  const wrong: [RegExp, ...string[]][] = [
    [
      /--format takes html, md or ipynb \(did you mean md\?\), not "mdx"/,
      ...["--format", "mdx"],
    ],
    [/--format needs a value/, "--format"],
    [/there is no notebook \.\/gone\.ts/, "./gone.ts"],
  ];
  await Promise.all(wrong.map(async ([says, ...options]) => {
    const { code, stderr } = await report(everything, ...options);
    assert.match(stderr, says);
    assert.equal(code, 2);
  }));
});
