/** Every published program runs in an empty folder. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test, { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pLimit from "p-limit";
import type { Notebook } from "../../notebooks/kit/notebook_interface.ts";
import { testBroker } from "./testing/broker.ts";
import { render } from "./testing/pages.ts";
import { parseRows } from "../../notebooks/kit/rows/parse_rows.ts";
import {
  findRuntime,
  notThere,
  type Runtime,
} from "../chapters/names/find_runtime.ts";
import { runtimeNames } from "../chapters/names/find_runtime.ts";
import { temporaryFolder, testUnless } from "./testing/processes.ts";

const execute = promisify(execFile);
const root = new URL("../../", import.meta.url);

/** Lines of code; blank lines and comments don't count. */
const MOST_LINES = 66;
const MOST_MILLISECONDS = 120_000;
const AT_ONCE = 4;

const heading = "timestamp,url,status,elapsed,error\n";
const handled = (...routes: string[]) => {
  const lines = routes.map((route) =>
    `/${route}: \\d+ of 40 accepted in .* s\n`
  );
  return new RegExp(`^${lines.join("")}`);
};
const image = /^128 x 96 app;dur=[\d.]+\n$/;
const parts = ["nothing", "body", "model", "http", "all"];

/** What the programs print, in their order on the page. */
const written: Record<string, RegExp[]> = {
  "event-loop": [
    handled("blocking"),
    handled(...parts.map((part) => `loop/${part}`)),
    handled(...parts.map((part) => `pool/${part}`)),
    handled("direct"),
    /^\/queued: 40 of 40 accepted in .* s\n.* taken all 40 of them\n$/,
  ],
  "frameworks": [image, image, image, image],
  "load-models": [
    /\d+ calls, median [\d.]+ s, p99 [\d.]+ s\n$/,
    /\d+ calls, median [\d.]+ s, p99 [\d.]+ s\n$/,
    /^call,due\n(\d+,[\d.]+\n){20}20 calls are due within 3 s\n$/,
  ],
  "queue": [
    /^id,published,confirmed\n(\d+,[\d.]+,[\d.]+\n){20}20 messages/,
    /^20 rows are in rows.csv, and acknowledged since\n$/,
  ],
  "rate-limit": [
    /\d+ of 250 accepted in [\d.]+ s\n$/,
    /\d+ of 250 accepted in [\d.]+ s\n$/,
    /250 of 250 accepted in [\d.]+ s\n$/,
    /\d+ of 250 accepted in [\d.]+ s\n$/,
    /^call,due,sent\n(\d+,[\d.]+,[\d.]+\n){20}20 calls in 1.95 s/,
  ],
  "three-styles": [
    ...[1, 2, 3].map(() => /\n20 calls took [\d.]+ s\n$/),
    /^id,published,confirmed\n(\d+,[\d.]+,[\d.]+\n){20}20 messages/,
    /^20 rows are in rows.csv, and acknowledged since\n$/,
  ],
};

interface Program {
  /** Its page, and its number there. */
  name: string;
  region: string;
  text: string;
  /** Those that run it without node_modules. */
  runtimes: string[];
  writes?: RegExp;
}

const programs = (await Promise.all(
  fs.globSync("*.ts", { cwd: new URL("notebooks/", root) }).sort()
    .map(programsOf),
)).flat();

const { amqp, missing: noBroker, stop } = await testBroker();
after(stop);

test("it is known what each program prints", () => {
  assert.deepEqual(
    programs.map(({ name }) => name),
    Object.entries(written).flatMap(([stem, all]) =>
      all.map((_, index) => `${stem}, program ${index + 1}`)
    ),
  );
});

test("the shown part is the same in the program and in the project", () => {
  const files = ["scripts/*.ts", "scripts/*/*.ts", "lib/*.ts"]
    .flatMap((pattern) => fs.globSync(pattern, { cwd: root }));
  const sources = files
    .map((file) => trimmed(fs.readFileSync(new URL(file, root), "utf8")));
  for (const { name, region, text } of programs) {
    assert.ok(trimmed(text).includes(trimmed(region)), name);
    assert.ok(sources.some((source) => source.includes(trimmed(region))), name);
  }
});

test("a program is short and imports only packages", () => {
  for (const { name, text, runtimes } of programs) {
    const lines = text.split("\n")
      .filter((line) => !/^\s*(\/\/.*|\/?\*.*)?$/.test(line));
    assert.ok(lines.length <= MOST_LINES, `${name}: ${lines.length} lines`);
    assert.ok(text.split("\n").every((line) => line.length <= 80), name);
    const from = [...text.matchAll(/from "(.*)";$/gm)].map(([, from]) => from!);
    assert.ok(from.every((each) => /^(node:|npm:.+@\d+\.)/.test(each)), name);
    const isForAll = from.every((each) => each.startsWith("node:"));
    assert.deepEqual(runtimes, isForAll ? ["deno", "bun", "node"] : ["deno"]);
  }
});

const atOnce = pLimit(AT_ONCE);
const isAll = process.env.CALL_STYLES_TEST === "all";
for (const name of isAll ? runtimeNames : ["deno"] as const) {
  const runtime = await findRuntime(name);
  for (const program of programs) {
    const needsBroker = program.text.includes("npm:amqplib");
    const missing = runtime ? needsBroker && noBroker : notThere(name);
    const running = !runtime || missing
      ? undefined
      : atOnce(() => run(program, runtime));
    const how = program.runtimes.includes(name) ? "alone" : "with its packages";
    testUnless(
      missing || undefined,
      `${program.name}, runs ${how} on ${name}`,
      async () => {
        const { code, stdout, stderr } = await running!;
        assert.equal(code, 0, stdout + stderr);
        assert.match(stdout + stderr, program.writes!);
        if (!stdout.startsWith(heading)) return;
        const { rows, problems } = parseRows(stdout);
        assert.deepEqual(problems, []);
        assert.ok(rows.every(({ elapsed }) => elapsed! > 0));
        assert.equal(rows.length, stdout.trim().split("\n").length - 1);
      },
    );
  }
}

testUnless(
  noBroker,
  "a program that finds no RabbitMQ says so in one line",
  async () => {
    const deno = await findRuntime("deno");
    const [program] = programs.filter(({ text }) => text.includes("amqplib"));
    const nowhere = "amqp://127.0.0.1:1";
    const { code, stdout, stderr } = await run(program!, deno!, nowhere);
    assert.equal(code, 1);
    assert.match(
      stdout + stderr,
      /^No RabbitMQ \(.*\); AMQP_URL names another\n$/,
    );
  },
);

/** The programs of a page without results. */
async function programsOf(file: string): Promise<Program[]> {
  const module = await import(new URL(`notebooks/${file}`, root).href);
  const notebook: Notebook = module.default;
  const { document } = render(notebook, temporaryFolder());
  const stem = path.basename(file, ".ts");
  return [...document.querySelectorAll(".listing")]
    .filter((listing) => listing.querySelector(".program"))
    .map((listing, index) => {
      const [shown, whole] = [...listing.querySelectorAll("pre code")]
        .map(({ textContent }) => textContent!);
      const { runtimes } = (listing.querySelector(".program") as HTMLElement)
        .dataset;
      return {
        name: `${stem}, program ${index + 1}`,
        region: shown!,
        text: whole!,
        runtimes: runtimes!.split(" "),
        writes: written[stem]?.[index],
      };
    });
}

/** Runs it as pasted, or with installed packages and bare names. */
async function run(
  { text, runtimes }: Program,
  { name, program }: Runtime,
  AMQP_URL = amqp,
) {
  const folder = temporaryFolder();
  const isAlone = runtimes.includes(name);
  if (!isAlone) {
    fs.symlinkSync(
      fileURLToPath(new URL("node_modules", root)),
      path.join(folder, "node_modules"),
    );
  }
  const pasted = isAlone
    ? text
    : text.replace(/"npm:([^"]+)@[^@"]+"/g, (_, name) => `"${name}"`);
  fs.writeFileSync(path.join(folder, "program.ts"), pasted);
  const options = name === "deno" ? ["run", "-A", "-q"] : [];
  return await execute(program, [...options, "program.ts"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", AMQP_URL },
    timeout: MOST_MILLISECONDS,
  }).then(
    (output) => ({ code: 0, ...output }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

function trimmed(text: string): string {
  return text.split("\n").map((line) => line.trim()).join("\n");
}
