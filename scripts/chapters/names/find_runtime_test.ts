import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import test from "node:test";
import { runtime } from "../../../lib/runtime.ts";
import {
  findRuntime,
  notThere,
  type RuntimeName,
  runtimeNames,
} from "./find_runtime.ts";
import { temporaryFolder } from "../../dev/testing/processes.ts";

const [own] = runtimeNames.filter((name) => runtime.startsWith(name));
const other = own === "bun" ? "node" : "bun";

/** Looks where the PATH has no programs but these scripts of a shell. */
function find(name: RuntimeName, programs: Record<string, string>) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(programs)) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return findRuntime(name, undefined, { PATH: folder });
}

test("the runtime that this is needs no search", async () => {
  const found = await find(own!, {});
  assert.equal(`${found!.name} ${found!.version}`, runtime);
  assert.equal(found!.program, process.execPath);
});

test("another is the one on the PATH, if it is new enough", async () => {
  const found = await find(other, { [other]: "echo 99.0.1 /its/own/path" });
  assert.deepEqual(found, {
    ...{ name: other, version: "99.0.1", program: "/its/own/path" },
  });
});

test("one that is too old leaves it to npx, which is asked for a good one", async () => {
  const programs = {
    [other]: "echo 1.0.0 /old",
    npx: `case "$*" in *" ${other}@"*) echo 99.0.1 /fetched;; esac`,
  };
  assert.equal((await find(other, programs))?.program, "/fetched");
});

test("if there is none, the message names the version that is needed", async () => {
  assert.equal(await find(other, { npx: "exit 1" }), undefined);
  assert.match(notThere("node"), /^there is no node from 22\.18\.0 on in the/);
});
