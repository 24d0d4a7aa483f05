import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { runtime } from "../../../lib/runtime.ts";
import { findRuntime, notThere, runtimeNames } from "./find_runtime.ts";
import { temporaryFolder } from "../../dev/testing/processes.ts";

const [own] = runtimeNames.filter((name) => runtime.startsWith(name));
const other = own === "bun" ? "node" : "bun";

/** Does something where the PATH has no programs but these scripts of a shell. */
async function withPath(
  programs: Record<string, string>,
  work: () => Promise<void>,
) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(programs)) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    await work();
  } finally {
    process.env.PATH = PATH;
  }
}

test("the runtime that this is needs no search", async () => {
  await withPath({}, async () => {
    const found = await findRuntime(own!);
    assert.equal(`${found!.name} ${found!.version}`, runtime);
    assert.equal(found!.program, process.execPath);
  });
});

test("another is the one on the PATH, if it is new enough", async () => {
  await withPath({ [other]: "echo 99.0.1 /its/own/path" }, async () => {
    assert.deepEqual(await findRuntime(other), {
      ...{ name: other, version: "99.0.1", program: "/its/own/path" },
    });
  });
});

test("one that is too old leaves it to npx, which is asked for a good one", async () => {
  const programs = {
    [other]: "echo 1.0.0 /old",
    npx: `case "$*" in *" ${other}@"*) echo 99.0.1 /fetched;; esac`,
  };
  await withPath(programs, async () => {
    assert.equal((await findRuntime(other))?.program, "/fetched");
  });
});

test("where there is none that is said with the version that is needed", async () => {
  await withPath({ npx: "exit 1" }, async () => {
    assert.equal(await findRuntime(other), undefined);
  });
  assert.match(notThere("node"), /^there is no node from 22\.18\.0 on in the/);
});
