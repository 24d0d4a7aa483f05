import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { messageOf } from "../lib/exit.ts";
import { readRuns, resultFiles } from "../lib/results.ts";
import { command } from "../lib/runtime.ts";
import type { Run } from "../notebooks/kit/trials/details.ts";
import { checkRoutes } from "./chapters/frameworks/framework_trial.ts";
import { pairsOf, parseServer } from "./chapters/frameworks/servers.ts";
import { words } from "./chapters/run.ts";
import {
  readRows,
  runScript,
  saysWrong,
  spawnScript,
  temporaryFolder,
} from "./dev/testing/processes.ts";

const folder = temporaryFolder();
const image = readFileSync(new URL("../assets/image.jpg", import.meta.url));
const digest = createHash("sha256").update(image).digest("hex");

/** A server that takes nothing but the picture, whichever way it comes. */
const server = path.join(folder, "server.mjs");
writeFileSync(
  server,
  `
  import { Buffer } from "node:buffer";
  import { createHash } from "node:crypto";
  import http from "node:http";
  import process from "node:process";

  const [, , port, mode] = process.argv;
  const pictures = {
    imageurl: async (body) => (await fetch(JSON.parse(body).url)).arrayBuffer(),
    base64: (body) => Buffer.from(JSON.parse(body).image, "base64"),
    multipart: async (body, type) => {
      const headers = { "content-type": type };
      const form = await new Response(body, { headers }).formData();
      return form.get("image").arrayBuffer();
    },
  };
  let asked = 0;
  let calls = 0;
  http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === "/stats" && mode !== "silent") {
      const lag = { min: 0, mean: 0.1, p50: 0.1, p90: 0.2, p95: 0.2, p99: 0.3, max: 0.4 };
      return response.end(JSON.stringify({ cpu: ++asked, memory: 5e7, lag }));
    }
    if (mode === "dies" && asked > 0 && ++calls > 5) process.exit();
    try {
      const type = request.headers["content-type"];
      const read = pictures[request.url.slice("/magic/".length)];
      const picture = Buffer.from(await read(Buffer.concat(chunks), type));
      const digest = createHash("sha256").update(picture).digest("hex");
      if (digest !== "${digest}") throw new Error("another picture");
      response.setHeader("content-type", "image/jpeg");
    } catch {
      response.statusCode = 400;
    }
    response.end("a picture");
  }).listen(Number(port), "127.0.0.1");
  `,
);

function commandOf(mode = "tells"): string {
  const line = command(server).map((word) => `"${word}"`);
  return [...line, "{port}", mode].join(" ");
}

const one = words`--server one=${commandOf()} --only one`;
const quick = words`--duration 100ms --users 2`;

/** The runs of each name, as the JSONs beside the rows list them. */
function runsIn(out: string, names: string[]): Run[] {
  return names.flatMap((name) => readRuns<Run>(resultFiles(out, name).json));
}

function placesOf(runs: Run[]): number[] {
  return runs.map(({ series }) => series!.place).sort((a, b) => a - b);
}

test("each route of each server gets the picture in each trial", async () => {
  const out = path.join(folder, "whole");
  const options = words`${one} --trials 2 --out ${out} ${quick}`;
  const { code, stdout, stderr } = await runScript("frameworks.ts", ...options);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/^trial [12] of 2: /gm)?.length, 6);

  const names = ["one/imageurl", "one/base64", "one/multipart"];
  const runs = runsIn(out, names);
  assert.deepEqual(placesOf(runs), [1, 2, 3, 4, 5, 6]);
  assert.equal(new Set(runs.map(({ series }) => series!.id)).size, 1);
  for (const name of names) {
    const rows = readRows(resultFiles(out, name).csv);
    assert.ok(rows.length > 0);
    assert.ok(rows.every(({ status }) => status === 200), name);
    assert.equal(new Set(rows.map(({ run }) => run)).size, 2);
  }
  for (const { server, cpu, seconds } of runs) {
    assert.ok(cpu! > 0);
    // It says that a second went by each time that it is asked.
    assert.equal(server!.cpu, 1 / seconds!);
    assert.equal(server!.memory, 5e7);
    assert.equal(server!.lag!.p99, 0.3);
  }
});

test("an interrupted series goes on where it stopped", async () => {
  const out = path.join(folder, "resumed");
  const options = words`${one} --only base64 --trials 2 --out ${out} ${quick}`;
  const { child, ended } = spawnScript("frameworks.ts", options);
  child.stdout!.once("data", () => process.kill(child.pid!, "SIGTERM"));
  const { code, stderr } = await ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /^interrupted; with --resume it goes on from there$/m);

  const resume = [...options, "--resume"];
  const refused = await runScript("frameworks.ts", ...resume, "--users", "3");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^the series in .* another way .*--users 2/);

  const resumed = await runScript("frameworks.ts", ...resume);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.doesNotMatch(resumed.stdout, /^trial 1 of 2/m);
  const runs = runsIn(out, ["one/base64"]).filter(({ series }) => series);
  assert.deepEqual(placesOf(runs), [1, 2]);
  assert.equal(new Set(runs.map(({ series }) => series!.id)).size, 1);

  const over = await runScript("frameworks.ts", ...resume);
  assert.deepEqual([over.code, over.stdout], [0, ""]);
});

test("a server may die or not tell what it takes, and its highest rate is searched for", async () => {
  const out = path.join(folder, "found");
  const { code, stdout, stderr } = await runScript(
    "frameworks.ts",
    ...words`--server dies=${commandOf("dies")} --only dies
      --server lives=${commandOf("silent")} --only lives --only base64
      --trials 1 --out ${out} ${quick} --find ${"success>1"}`,
  );
  assert.equal(code, 0, stderr);
  const names = ["dies/base64", "lives/base64"];
  const [failed, none] = names.map((name) =>
    readRows(resultFiles(out, name).csv).filter(({ error }) => error !== "")
  );
  assert.ok(failed!.length > 0);
  assert.deepEqual(none, []);
  const runs = runsIn(out, names);
  assert.deepEqual(runs.map(({ server }) => server), [undefined, undefined]);

  assert.match(stdout, /lives\/base64 .*; success>1 at no rate/);
  const { find, held, broken } = runs[1]!.highest!;
  assert.deepEqual([find, held], ["success>1", undefined]);
  assert.ok(broken! >= 1);
  const tries = readRows(resultFiles(out, "lives/base64/find").csv);
  assert.ok(tries.every(({ name }) => name === "lives/base64/find"));
});

// It comes in several chunks, which end within a character.
const saying = path.join(folder, "saying");
writeFileSync(saying, "€".repeat(200_000));

for (
  const [what, from, says] of [
    ["refuses", commandOf(), /base64 answers 400 and no .* the three routes/],
    ["isn't there", "http://127.0.0.1:1", /\/base64 answers refused: /],
    ["ends", `cat '${saying}' >&2; exit 3`, /^--.*ended with code 3\n€+$/],
  ] as const
) {
  test(`a server that ${what} is reported before anything is measured`, async () => {
    const header = "content-type: application/json";
    const route = { name: "base64", header, body: "{}" };
    const checked = checkRoutes(parseServer(`x=${from}`), [route]);
    assert.match(await checked.then(String, messageOf), says);
  });
}

test("a server needs a name and a command or URL", () => {
  for (
    const [text, says] of [
      ["nothing", /^takes NAME=COMMAND or NAME=URL/],
      ["a/b=true", /^takes NAME=COMMAND or NAME=URL/],
      ["x=http://name:secret@127.0.0.1:1", /^takes no user or password/],
      ["x=http://127.0.0.1:1/?page=1", /^takes a URL without \? and #$/],
    ] as const
  ) {
    assert.throws(() => parseServer(text), {
      name: "RangeError",
      message: says,
    });
  }
});

test("--only names servers and routes, and names are unique", async () => {
  const of = (servers: string[], only: string[]) =>
    pairsOf(servers, ["url", "form"], only);
  assert.deepEqual(of(["bare", "hono"], ["form"]), [
    ["bare", "form"],
    ["hono", "form"],
  ]);
  assert.deepEqual(of(["bare", "hono"], ["hono", "url"]), [["hono", "url"]]);
  assert.match(
    await saysWrong(() => of(["bare", "bare"], [])),
    /^--server bare has a name that is taken/,
  );
  assert.match(
    await saysWrong(() => of(["bare"], ["bar"])),
    /^--only bar is neither .* did you mean bare\? There are: bare, url, form$/,
  );
});

test("--load connections=50 excludes --users", async () => {
  const options = words`--load connections=50 --users 50`;
  const { code, stderr } = await runScript("frameworks.ts", ...options);
  assert.equal(code, 2);
  assert.match(stderr, /^--load connections=50 says it all: leave out --users/);
});
