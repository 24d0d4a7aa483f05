/** What scripts leave behind on a full disk. */
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { after } from "node:test";
import { readRuns, resultFiles } from "../../lib/results.ts";
import { startServer } from "../../lib/script.ts";
import {
  type Ended,
  eventually,
  readRows,
  runScript,
  someRow,
  spawnScript,
  temporaryFolder,
  testUnless,
} from "./testing/processes.ts";
import { type Disk, smallDisk } from "./testing/disk.ts";
import { formatRow, header } from "../../lib/row.ts";

const target = await startServer("target.ts");
after(target.stop);

const disks = await Promise.all(Array.from({ length: 6 }, () => smallDisk(64)));

/** Each test has its own disk, so that all run at the same time. */
function testOnDisk(name: string, work: (disk: Disk) => Promise<void>) {
  const disk = disks.pop()!;
  const isMissing = typeof disk === "string";
  const done = isMissing ? Promise.resolve() : work(disk);
  // The test below handles the rejection.
  done.catch(() => {});
  testUnless(isMissing ? disk : undefined, name, () => done);
}

/** Checks that it failed with a single line; returns that line. */
function assertGaveUp({ code, stderr }: Ended): string {
  assert.match(stderr, /^[^\n]+\n$/);
  assert.equal(code, 1);
  return stderr;
}

const instant = ["--url", `${target.url}/status/200?id={id}`];

testOnDisk("a run says which rows a full disk lost", async (disk) => {
  const { csv, json } = resultFiles(disk.folder, "sync");
  const out = [...instant, "--calls", "9999", "--out", disk.folder];
  const ended = await runScript("sync.ts", ...out);
  assert.equal(ended.stdout, "");
  const [, first] =
    /^\S+\.csv: .*[Nn]o space left.*; lost: the last (?:\d+ rows|row), id (\d+)(?: to \d+)?; all before are in the file\n$/
      .exec(assertGaveUp(ended))!;
  const ids = new Set(readRows(csv).map(({ id }) => id));
  assert.ok(ids.size > 50 && ids.size === Number(first) - 1);
  assert.ok(!ids.has(first!));
  assert.equal(readRuns(json)[0]!.end, undefined);
  const files = [path.basename(csv), path.basename(json)];
  assert.deepEqual(fs.readdirSync(disk.folder).sort(), files);
});

testOnDisk(
  "--append works again once the disk has room",
  async (disk) => {
    const { csv, json } = resultFiles(disk.folder, "sync");
    fs.writeFileSync(path.join(disk.folder, "ballast"), "x".repeat(40_000));
    const out = [...instant, "--out", disk.folder];
    assertGaveUp(await runScript("sync.ts", "--calls", "9999", ...out));
    const before = readRows(csv).length;
    disk.fill();
    const again = ["sync.ts", "--calls", "3", "--append", ...out];
    const refused = await runScript(again[0]!, ...again.slice(1));
    assert.match(
      assertGaveUp(refused),
      /^(--out|\S+metrics_sync).* can't be written .*[Nn]o space left/,
    );
    assert.equal(readRows(csv).length, before);
    disk.free();
    const { code, stderr } = await runScript(again[0]!, ...again.slice(1));
    assert.equal(code, 0, stderr);
    assert.equal(readRows(csv).length, before + 3);
    assert.equal(readRuns(json).length, 2);
  },
);

testOnDisk(
  "a run whose end can't be saved keeps its rows and prints its summary",
  async (disk) => {
    const held: http.ServerResponse[] = [];
    const gate = http.createServer((_, response) => held.push(response));
    gate.listen(0, "127.0.0.1");
    await once(gate, "listening");
    const url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;
    const { csv, json } = resultFiles(disk.folder, "async");
    const { ended } = spawnScript("async.ts", [
      ...["--calls", "3", "--json", "--url", url, "--out", disk.folder],
    ]);
    await eventually("its calls", () => held.length === 3);
    const before = fs.readFileSync(json, "utf8");
    // The rows still fit into the block that has the header.
    disk.fill();
    for (const response of held) response.end();
    const done = await ended;
    gate.close();
    assert.match(
      assertGaveUp(done),
      /^\S+metrics_async\.json can't be written \(.*[Nn]o space left/,
    );
    assert.equal(JSON.parse(done.stdout).ok, 3);
    assert.equal(readRows(csv).length, 3);
    assert.equal(fs.readFileSync(json, "utf8"), before);
    const files = ["ballast", "metrics_async.csv", "metrics_async.json"];
    assert.deepEqual(fs.readdirSync(disk.folder).sort(), files);
  },
);

testOnDisk(
  "a page that doesn't fit leaves the old one in place",
  async (disk) => {
    const results = temporaryFolder();
    const { csv } = resultFiles(results, "sync");
    fs.writeFileSync(csv, `${header}\n${formatRow(someRow())}\n`);
    const page = path.join(disk.folder, "load-models.html");
    fs.writeFileSync(page, "the one before");
    disk.fill();
    const ended = await runScript(
      "report.ts",
      ...["load-models", "--results", results, "--out", disk.folder],
    );
    assert.equal(ended.code, 1);
    assert.match(
      ended.stderr,
      /^--out \S+ can't be written \(.*[Nn]o space left.*\n$/m,
    );
    assert.doesNotMatch(ended.stderr, /^\s+at /m);
    assert.equal(fs.readFileSync(page, "utf8"), "the one before");
    assert.deepEqual(fs.readdirSync(disk.folder).sort(), [
      "ballast",
      path.basename(page),
    ]);
  },
);

// A lag file grows all the time; a profile is written at the end.
for (const [option, name] of [["--lag", "a.csv"], ["--profile", "a.json"]]) {
  testOnDisk(`a webhook ends when ${option} has no room`, async (disk) => {
    const file = path.join(disk.folder, name!);
    const { child, ended } = spawnScript("webhook.ts", [
      ...["--port", "0", "--until-eof", "--amqp", "amqp://127.0.0.1:1"],
      ...["--service", target.url, option!, file],
    ]);
    await once(child.stdout!, "data");
    disk.fill();
    if (option === "--profile") child.stdin!.end();
    const { code, stderr } = await ended;
    assert.equal(code, 1, stderr);
    const says = `^${option} \\S+ can't be written: .*[Nn]o space left`;
    assert.match(stderr, RegExp(says, "m"));
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.deepEqual(fs.readdirSync(disk.folder).sort(), [name, "ballast"]);
    assert.match(fs.readFileSync(file, "utf8"), /^([^\n]+\n)*$/);
  });
}
