import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { readRuns, resultFiles } from "../lib/results.ts";
import type { Run } from "../notebooks/kit/trials/details.ts";
import { runtime } from "../lib/runtime.ts";
import type { Clients } from "./chapters/runtimes/clients.ts";
import {
  CLIENTS_FILE,
  findRuntime,
  jobNames,
  nameOfJob,
  type Runtime,
  runtimeNames,
  serverJobs,
} from "./chapters/names/mod.ts";
import { words } from "./chapters/run.ts";
import {
  readRows,
  runScript,
  spawnScript,
  temporaryFolder,
} from "./dev/testing/processes.ts";

const folder = temporaryFolder();
const found = (await Promise.all(runtimeNames.map((name) => findRuntime(name))))
  .filter((runtime) => runtime !== undefined);
const quick = words`--calls 3 --users 2 --rate 50 --duration 100ms`;

/** What stands for the others where it takes a process each time. */
const some = ["start", "users", "fetch", "image"];

/** Measures once, and checks what was written of each job on each runtime. */
async function measureOnce(out: string, runtimes: Runtime[], jobs: string[]) {
  const { code, stdout, stderr } = await runScript(
    "runtimes.ts",
    ...words`--only ${runtimes.map(({ name }) => name).join()}
      --jobs ${jobs.join()} --trials 1 --out ${out} ${quick}`,
  );
  assert.equal(code, 0, stderr);
  const turns = runtimes.length * jobs.length;
  assert.equal(stdout.match(/^trial 1 of 1: /gm)?.length, turns);
  return runtimes.flatMap((runtime) =>
    jobs.map((job) => checked(out, runtime, job))
  );
}

function checked(out: string, { name, version }: Runtime, job: string): Run {
  const files = resultFiles(out, nameOfJob(name, job));
  const rows = readRows(files.csv);
  assert.ok(rows.length > 0);
  assert.ok(rows.every(({ status }) => status === 200), `${name} ${job}`);
  const [run] = readRuns<Run>(files.json);
  const { process, server, environment, byRuntime } = run!;
  assert.equal(process!.runtime, `${name} ${version}`);
  assert.equal(server !== undefined, serverJobs.includes(job));
  // Servers are called by what runs the script.
  const by = server ? runtime : process!.runtime;
  assert.deepEqual([environment.runtime, byRuntime], [by, runtime]);
  assert.ok((server ?? process)!.memory! > 1e7);
  if (server || job === "start") assert.ok(process!.start! > 0.01);
  return run!;
}

test("jobs run on each runtime that is there, in turns", async () => {
  const runs = await measureOnce(path.join(folder, "all"), found, some);
  const order = runs.toSorted((a, b) => a.start < b.start ? -1 : 1);
  assert.deepEqual(
    order.map(({ series }) => series!.place),
    order.map((_, index) => index + 1),
  );
});

test("there are jobs for the styles, the attack and the other servers", async () => {
  const own = found.filter(({ name }) => runtime.startsWith(`${name} `));
  const others = jobNames.filter((job) => !some.includes(job));
  await measureOnce(path.join(folder, "others"), own, others);
});

test("a server sees which client calls, and not what is imported", () => {
  const file = path.join(folder, "all", CLIENTS_FILE);
  const clients: Clients[] = JSON.parse(fs.readFileSync(file, "utf8"));
  assert.deepEqual(
    clients.map(({ runtime }) => runtime),
    found.map(({ name, version }) => `${name} ${version}`),
  );
  for (const { runtime, isStandIn, calls } of clients) {
    assert.deepEqual(calls.scripts, { headers: ["host", "connection"] });
    assert.equal(isStandIn, runtime.startsWith("bun"));
    assert.match(calls.fetch.agent!, /^(Deno\/|Bun\/|node$)/);
  }
});

test("a runtime that isn't there is left out, and without any there is nothing to do", async () => {
  const out = path.join(folder, "less");
  const [own] = runtime.split(" ");
  const other = own === "bun" ? "node" : "bun";
  const env = { ...process.env, PATH: path.join(folder, "none") };
  const [some, none] = await Promise.all(
    [`${own},${other}`, other].map((only) =>
      spawnScript(
        "runtimes.ts",
        words`--only ${only} --jobs start --trials 1 --out ${out}`,
        { env },
      ).ended
    ),
  );
  assert.equal(some!.code, 0, some!.stderr);
  const gone = RegExp(
    `^there is no ${other} .*; it is left out\ntrial 1 of 1: ${own} `,
  );
  assert.match(some!.stdout, gone);
  assert.equal(none!.code, 1);
  assert.match(none!.stderr, /^no runtime is there$/m);
});

for (
  const [options, code, says] of [
    ["--only deno,", 2, /^--only takes some of deno,bun,node, not "deno,"$/],
    ["--jobs sleep", 2, /^--jobs takes some of start,sync,.*, not "sleep"$/],
    [
      "--only deno --out /dev/null",
      1,
      /^--out \/dev\/null can't be written .*; name a f/,
    ],
  ] as const
) {
  test(`${options} fails before anything is measured`, async () => {
    const words = options.split(" ");
    const { code: ended, ...said } = await runScript("runtimes.ts", ...words);
    assert.equal(ended, code);
    assert.equal(said.stdout, "");
    assert.match(said.stderr.trim(), says);
  });
}
