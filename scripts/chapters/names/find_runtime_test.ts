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
  const [name, version] = runtime.split(" ");
  assert.deepEqual(await find(own!, {}), {
    ...{ name, version, program: process.execPath },
  });
});

for (
  const [what, programs, program] of [
    [
      "on the PATH, if it is new enough",
      { [other]: "echo 99.0.1 /own" },
      "/own",
    ],
    ["from npx, if that is too old", {
      [other]: "echo 1.0.0 /old",
      npx: `case "$*" in *" ${other}@"*) echo 99.0.1 /fetched;; esac`,
    }, "/fetched"],
    ["none without either", { npx: "exit 1" }, undefined],
  ] as const
) {
  test(`another runtime is ${what}`, async () => {
    assert.equal((await find(other, programs))?.program, program);
  });
}

test("the message about a missing one names the version that is needed", () => {
  assert.match(notThere("node"), /^there is no node from 22\.18\.0 on in the/);
});
