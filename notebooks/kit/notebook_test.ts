import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";
import { Failure } from "../../lib/exit.ts";
import {
  saysWrong,
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";
import { findNotebooks, writeChapters } from "./chapters.ts";
import { chart, figures, notebook, prose, summarise } from "./notebook.ts";
import { render } from "../../scripts/dev/testing/pages.ts";

/** Results in which each call of a name takes about this many seconds. */
function results(names: Record<string, number>): string {
  const folder = temporaryFolder();
  for (const [name, elapsed] of Object.entries(names)) {
    const trials = [1, 1.01, 0.99, 1.02, 0.98].map((factor, index) => {
      const own = { name, run: `${name}-${index}` };
      const seconds = elapsed * factor;
      const timestamp = new Date(start + index * 1e5);
      const environment = { runtime: "deno 2.0.0" };
      return {
        run: someRun({ ...own, seconds, environment }),
        rows: [someRow({ ...own, elapsed: seconds, timestamp })],
      };
    });
    writeTrials(folder, name, trials);
  }
  return folder;
}

const measured = results({ sync: 0.4, async: 0.1 });
const template = new URL("../../notebooks/own/template.ts", import.meta.url);
const library = new URL("notebook.ts", import.meta.url).href;

/** A notebook elsewhere than in this project. */
function written(...lines: string[]): string {
  const file = path.join(temporaryFolder(), "mine.ts");
  fs.writeFileSync(file, lines.join("\n"));
  return file;
}

async function failureOf(file: string): Promise<string> {
  const work = writeChapters(findNotebooks([file]), measured);
  const error = await work.then(() => {}, (error) => error);
  assert.ok(error instanceof Failure, String(error));
  return String(error.message);
}

test("the template is twenty lines, and renders what was measured", async () => {
  const file = fileURLToPath(template);
  assert.equal(fs.readFileSync(file, "utf8").trim().split("\n").length, 20);
  const { default: notebook } = await import(template.href);
  const { texts, stderr, document } = render(notebook, measured);
  assert.equal(stderr, "");
  assert.match(
    texts("figure h3").join(),
    /^The total time of sync is 4\.00 times that of async \(95 %: .*\)$/,
  );
  assert.ok(texts("td").includes("400 ± 8 ms"), texts("td").join());
  assert.match(texts("pre").join(), /await Promise\.all/);
  assert.match(texts("main").join(), /runtime deno 2\.0\.0/);
  assert.equal(document.querySelectorAll("figure .wide svg").length, 1);
});

test("a notebook may be anywhere, and be named by any path", async () => {
  const file = written(
    `import { chart, notebook } from ${JSON.stringify(library)};`,
    `export default notebook("Mine", (load) =>`,
    `  [chart([load("sync"), load("async")], "p99")]);`,
  );
  const relative = path.relative("", file);
  for (const name of [file, relative]) {
    const [chapter] = await writeChapters(findNotebooks([name]), measured);
    assert.deepEqual([chapter!.stem, chapter!.title], ["mine", "Mine"]);
    assert.match(chapter!.body.html, /figure id="p99"/);
  }
});

test("what was not measured is named, and the rest is drawn", () => {
  const { texts, stderr } = render(
    notebook("Mine", (load) => {
      const groups = [load("sync"), load("gone")];
      return [
        prose`It took ${summarise(groups[1]!, "total")}.`,
        chart(groups, "total"),
        chart(groups.slice(1), "p50"),
      ];
    }),
    measured,
  );
  assert.match(stderr, /metrics_gone\.csv: there is no such file/);
  assert.match(texts(".notice").join(), /metrics_gone\.csv/);
  assert.match(texts(".notice").join(), /Nobody measured the median response/);
  assert.ok(texts("p").includes("It took -."));
  assert.deepEqual(texts("figure h3"), [
    "Nothing to compare sync with in total time",
  ]);
});

test("each figure has a chart, under a name of its own", () => {
  const names = Object.keys(figures) as (keyof typeof figures)[];
  const slowest = {
    what: "slowest call",
    of: () => 2,
    format: (seconds: number) => `${seconds} s`,
    axis: "slowest call (s)",
  };
  const { document, texts } = render(
    notebook("Mine", (load) => {
      const groups = [load("sync"), load("async", "<b>at once</b>")];
      return [...names, ...names, slowest].map((name) => chart(groups, name));
    }),
    measured,
  );
  const ids = [...document.querySelectorAll("figure")].map(({ id }) => id);
  assert.equal(new Set(ids).size, 2 * names.length + 1);
  assert.equal(ids.at(-1), "slowest-call");
  assert.match(
    texts("figure:last-of-type h3").at(-1)!,
    /^No difference shown between sync and <b>at once<\/b> in slowest call/,
  );
});

test("prose is paragraphs and headings, and values in it are text", () => {
  const { html } = prose`## A ${"<b>"} heading

    One <em>of</em>
    two.

    ${"a\n\n## b"} ${1}`;
  assert.equal(
    html,
    "<h2>A &#60;b&#62; heading</h2>\n<p>One <em>of</em>\n    two.</p>\n" +
      "<p>a ## b 1</p>",
  );
});

test("a mistake is named with its file and line, and without a stack", async () => {
  const mine = `import { chart, notebook, snippet } from "${library}";`;
  const mistakes: [RegExp, ...string[]][] = [
    [
      /mine\.ts:2 can't be rendered: at first$/,
      "//",
      'throw Error("at first");',
    ],
    [/mine\.ts can't be rendered: null$/, mine, "throw null;"],
    [/mine\.ts.* can't be rendered: /, "//", "const a b = 1;"],
    [/mine\.ts.* can't be rendered: .*gone/s, 'import "./gone.ts";'],
    [/mine\.ts is not a notebook: its default export/, "export const a = 1;"],
    [/mine\.ts is not a notebook/, "export default { title: 1 };"],
    [
      /mine\.ts.* can't be rendered: .*write\(\) has to return/,
      'export default { title: "a", write: () => "text" };',
    ],
    [
      /mine\.ts:4 can't be rendered: there is nothing$/,
      ...[mine, 'export default notebook("a", () => {', "  //"],
      ...['  throw new Error("there is nothing");', "});"],
    ],
    [
      /mine\.ts:3 can't be rendered: TypeError: there is no figure p98, but/,
      ...[mine, 'export default notebook("a", (load) =>'],
      '  [chart([load("sync")], "p98")]);',
    ],
    [
      /mine\.ts:2 can't be rendered: scripts\/async\.ts has no region nix/,
      `${mine}\nexport default notebook("a", () => [snippet("scripts/async.ts", "nix")]);`,
    ],
    [
      /mine\.ts can't be rendered: TypeError: the chart a has no table\(\)/,
      mine,
      'export default notebook("a", () => [{ name: "a", title: "a", ' +
      'sentence: "", plot: () => ({ marks: [] }) }]);',
    ],
  ];
  for (const [says, ...lines] of mistakes) {
    const message = await failureOf(written(...lines));
    assert.match(message, says);
    assert.doesNotMatch(message, /chapters\.ts|\n +at /);
  }
});

test("a path where there is nothing is wrong usage, and so are two of one name", async () => {
  const says = (...names: string[]) => saysWrong(() => findNotebooks(names));
  assert.match(await says("./gone.ts"), /there is no notebook \.\/gone\.ts; /);
  assert.match(await says("gone/mine"), /there is no notebook gone\/mine; /);
  assert.match(await says(temporaryFolder()), /there is no notebook /);
  assert.match(
    await says("mine"),
    /^mine is not a chapter; did you mean .*by its path, as in \.\/mine\.ts$/,
  );
  assert.match(
    await says(written("//"), written("//")),
    /mine\.ts and .*mine\.ts would be one page; rename one$/,
  );
});

test("a chapter without results names the commands that measure it", async () => {
  const commands: Record<string, string[]> = {
    "three-styles": ["sync", "async", "semaphore", "producer"],
    "rate-limit": ["limits"],
    "load-models": ["attack", "users"],
    "frameworks": ["frameworks"],
    "event-loop": ["ladder"],
    "queue": ["consumers"],
    "runtimes": ["runtimes"],
  };
  const chapters = await writeChapters(findNotebooks([]), temporaryFolder());
  assert.equal(chapters.length, Object.keys(commands).length);
  for (const { stem, body, found } of chapters) {
    assert.equal(found, "Nothing was measured");
    const { document } = new JSDOM(body.html).window;
    const shown = [...document.querySelectorAll(".notice + pre")]
      .map(({ textContent }) => textContent).join("\n");
    for (const script of commands[stem]!) {
      assert.ok(shown.includes(`deno run -A scripts/${script}.ts`), shown);
    }
    assert.equal(document.querySelectorAll("figure").length, 0, stem);
    assert.match(document.body.textContent, /Nothing: /, stem);
  }
});
