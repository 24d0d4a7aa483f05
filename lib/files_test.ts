import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { appendLines, makeFolder, replaceFile } from "./files.ts";
import { temporaryFolder } from "../scripts/dev/testing/processes.ts";

test("a folder is made with those above it, or is there already", () => {
  const folder = path.join(temporaryFolder(), "one", "two", "three");
  for (const _ of ["made", "there"]) {
    makeFolder(folder);
    assert.ok(fs.statSync(folder).isDirectory());
  }
});

test("where no folder can be made, that is said", () => {
  const file = path.join(temporaryFolder(), "file");
  fs.writeFileSync(file, "");
  assert.throws(() => makeFolder(path.join(file, "below")), /ENOTDIR/);
});

test("a folder in /proc is refused at once", {
  skip: !fs.existsSync("/proc/self"),
}, () => {
  assert.throws(() => makeFolder("/proc/call-styles/below"), /ENOENT/);
});

test("who has the old file open reads all of it when it is replaced", () => {
  const file = path.join(temporaryFolder(), "file");
  replaceFile(file, "old");
  const reader = fs.openSync(file, "r");
  replaceFile(file, "new");
  assert.equal(fs.readFileSync(reader, "utf8"), "old");
  assert.equal(fs.readFileSync(file, "utf8"), "new");
  fs.closeSync(reader);
});

test("what can't be replaced leaves nothing beside it", () => {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, "file", "in-it"), { recursive: true });
  assert.throws(() => replaceFile(path.join(folder, "file"), "new"));
  assert.deepEqual(fs.readdirSync(folder), ["file"]);
});

test("lines are added after those that are there", () => {
  const file = path.join(temporaryFolder(), "file");
  const descriptor = fs.openSync(file, "a+");
  for (const lines of [["one\n", "zwölf\n"], [], ["three\n"]]) {
    assert.deepEqual(appendLines(descriptor, lines), { kept: lines.length });
  }
  fs.closeSync(descriptor);
  assert.equal(fs.readFileSync(file, "utf8"), "one\nzwölf\nthree\n");
});
