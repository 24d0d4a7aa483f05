import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { readRuns, resultFiles } from "../lib/results.ts";
import type { Run } from "../notebooks/kit/trials/details.ts";
import { command } from "../lib/runtime.ts";
import { readRows, runScript, spawnScript } from "./dev/testing/processes.ts";
import { temporaryFolder } from "./dev/testing/processes.ts";

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

  async function pictureOf(body, type, path) {
    if (path === "/magic/multipart") {
      const form = await new Response(body, {
        headers: { "content-type": type },
      }).formData();
      return form.get("image").arrayBuffer();
    }
    if (type !== "application/json") throw new Error(type);
    const { url, image } = JSON.parse(body);
    if (path === "/magic/base64") return Buffer.from(image, "base64");
    return (await fetch(url)).arrayBuffer();
  }

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
    if (mode === "lacks") response.statusCode = 404;
    try {
      const body = Buffer.concat(chunks);
      const type = request.headers["content-type"];
      const picture = Buffer.from(await pictureOf(body, type, request.url));
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

function serverOption(name: string, mode = "tells"): string[] {
  const words = command(server).map((word) => `"${word}"`);
  const all = [...words, "{port}", mode].join(" ");
  return ["--server", `${name}=${all}`, "--only", name];
}

const quick = ["--duration", "100ms", "--users", "2"];

/** The runs of each name, as the JSONs beside the rows list them. */
function runsIn(out: string, names: string[]): Run[] {
  return names.flatMap((name) => readRuns<Run>(resultFiles(out, name).json));
}

function placesOf(runs: Run[]): number[] {
  return runs.map(({ series }) => series!.place).sort((a, b) => a - b);
}

const routes = ["imageurl", "base64", "multipart"];

test("each route of each server gets the picture in each trial", async () => {
  const out = path.join(folder, "whole");
  const { code, stdout, stderr } = await runScript(
    "frameworks.ts",
    ...serverOption("one"),
    ...["--trials", "2", "--out", out, ...quick],
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/^trial [12] of 2: /gm)?.length, 6);

  const names = routes.map((route) => `one/${route}`);
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
  const options = [...serverOption("one"), "--only", "base64"]
    .concat("--trials", "2", "--out", out, ...quick);
  const { child, ended } = spawnScript("frameworks.ts", options);
  child.stdout!.once("data", () => process.kill(child.pid!, "SIGTERM"));
  const { code, stderr } = await ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /^interrupted; with --resume it goes on from there$/m);

  const otherwise = [...options, "--resume", "--users", "3"];
  const refused = await runScript("frameworks.ts", ...otherwise);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^the series in .* another way .*--users 2/);

  const resumed = await runScript("frameworks.ts", ...options, "--resume");
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.doesNotMatch(resumed.stdout, /^trial 1 of 2/m);
  const runs = runsIn(out, ["one/base64"]).filter(({ series }) => series);
  assert.deepEqual(placesOf(runs), [1, 2]);
  assert.equal(new Set(runs.map(({ series }) => series!.id)).size, 1);

  const over = await runScript("frameworks.ts", ...options, "--resume");
  assert.deepEqual([over.code, over.stdout], [0, ""]);
});

test("a server may die, and none has to tell what it takes", async () => {
  const out = path.join(folder, "dying");
  const { code, stderr } = await runScript(
    "frameworks.ts",
    ...serverOption("dies", "dies"),
    ...serverOption("lives", "silent"),
    ...["--only", "base64", "--trials", "1", "--out", out, ...quick],
  );
  assert.equal(code, 0, stderr);
  const failures = ["dies", "lives"].map((server) =>
    readRows(resultFiles(out, `${server}/base64`).csv)
      .filter(({ error }) => error !== "").length
  );
  assert.ok(failures[0]! > 0);
  assert.equal(failures[1], 0);
  const runs = runsIn(out, ["dies/base64", "lives/base64"]);
  assert.deepEqual(runs.map(({ server }) => server), [undefined, undefined]);
});

test("the highest rate is searched for, and written down", async () => {
  const out = path.join(folder, "found");
  const { code, stdout, stderr } = await runScript(
    "frameworks.ts",
    ...serverOption("one"),
    ...["--only", "base64", "--trials", "1", "--out", out, ...quick],
    ...["--find", "success>1"],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /; success>1 at no rate/);
  const [run] = runsIn(out, ["one/base64"]);
  const { find, held, broken } = run!.highest!;
  assert.deepEqual([find, held], ["success>1", undefined]);
  assert.ok(broken! >= 1);
  const tries = readRows(resultFiles(out, "one/base64/find").csv);
  assert.ok(tries.every(({ name }) => name === "one/base64/find"));
});

const mistakes: { options: string[]; code: number; says: RegExp }[] = [
  {
    options: serverOption("one", "lacks"),
    code: 1,
    says: /imageurl answers 404 and image\/jpeg, .* needs the three routes/,
  },
  {
    options: ["--server", "gone=echo no such thing >&2; exit 3"],
    code: 1,
    says: /^--server gone: echo .* ended with code 3\nno such thing$/,
  },
  {
    options: ["--server", "away=http://127.0.0.1:1", "--only", "away"],
    code: 1,
    says: /^http:\/\/127.0.0.1:1\/magic\/imageurl answers refused: /,
  },
  {
    options: ["--server", "away=http://name:secret@127.0.0.1:1"],
    code: 2,
    says: /^--server takes no user or password, not /,
  },
  {
    options: ["--server", "away=http://127.0.0.1:1/?page=1"],
    code: 2,
    says: /^--server takes a URL without \? and #, not /,
  },
  {
    options: ["--server", "bare=node bare.js"],
    code: 2,
    says: /^--server bare has a name that is taken/,
  },
  {
    options: ["--server", "nothing"],
    code: 2,
    says: /^--server takes NAME=COMMAND .*, not "nothing"$/,
  },
  {
    options: ["--server", "a/b=true"],
    code: 2,
    says: /^--server takes NAME=COMMAND .*, not "a\/b=true"$/,
  },
  {
    options: ["--only", "expres"],
    code: 2,
    says:
      /^--only expres is neither .* did you mean express\? There are: bare, /,
  },
  {
    options: ["--load", "connections=0"],
    code: 2,
    says: /^--load takes users, or .*, not "connections=0"$/,
  },
  {
    options: ["--load", "connections=50", "--users", "50"],
    code: 2,
    says:
      /^--load connections=50 says it all: leave out --users and --spawn-rate$/,
  },
  {
    options: ["--find", "fast"],
    code: 2,
    says: /^--find takes a rule .*, not "fast"$/,
  },
];

const made = mistakes.map(({ options }, index) =>
  runScript(
    "frameworks.ts",
    ...options,
    "--out",
    path.join(folder, `none-${index}`),
  )
);

for (const [index, { options, code, says }] of mistakes.entries()) {
  test(`mistake ${index + 1}, of ${options[0]}, is one message`, async () => {
    const { code: ended, stderr } = await made[index]!;
    assert.equal(ended, code, stderr);
    assert.match(stderr.trim(), says);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
}
