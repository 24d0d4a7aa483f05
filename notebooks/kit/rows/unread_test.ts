import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { header } from "../../../lib/row.ts";
import { temporaryFolder } from "../../../scripts/dev/testing/processes.ts";
import { readRuns } from "../trials/trials.ts";

const file = path.join(temporaryFolder(), "metrics_a.csv");
const formats = "read are the CSVs of these scripts, those with the columns " +
  "timestamp,url,status,elapsed,error, and those of vegeta encode --to csv";
const no = "this is not the header of a metrics file";

const files: [what: string, content: string | Uint8Array, says: string][] = [
  ["an empty file", "", "the file is empty"],
  ["a byte order mark and nothing else", "\ufeff", `${no}: ; it has no column`],
  [
    "one of the five columns is missing",
    "timestamp,url,status,elapsed\n",
    `the header has no column error; ${formats}`,
  ],
  [
    "the five columns and some of ours",
    "timestamp,url,status,elapsed,error,name,run,id\n",
    "the header has no column wait, ttfb, server, bytes_out, bytes_in; " +
    formats,
  ],
  [
    "another tool's header",
    "Type,Name,Request Count,Failure Count\n",
    `${no}: Type,Name,Request Count,Failure Count; it has no column ` +
    `timestamp, url, status, elapsed, error; ${formats}`,
  ],
  [
    "semicolons",
    header.replaceAll(",", ";") + "\n",
    "it is separated by semicolons, not commas",
  ],
  ["tabs", header.replaceAll(",", "\t") + "\n", "by tabs, not commas"],
  ["gzip", gzipSync(header), `${no}, but gzip; gunzip it first`],
  ["a workbook", "PK\x03\x04\x14", `${no}, but a zip, or a workbook; export`],
  [
    "vegeta's own binary format",
    Buffer.from("7fff810301010652657375", "hex").toString("latin1") + "lt\n",
    `${no}, but another format of vegeta; vegeta encode --to csv makes a CSV`,
  ],
  [
    "vegeta's JSON",
    '{"attack":"","seq":0,"code":200}\n',
    `${no}, but another format of vegeta`,
  ],
  [
    "a version of vegeta that is not known",
    "1743510896123456789,200,1234567,5,17,,aGVsbG8=,a\n",
    `${no}, but a row of vegeta with 8 cells; read are those with 6, 9 and 12`,
  ],
  ["a JSON", '[{"a":1}]', `${no}, but JSON`],
  ["a web page", "<!doctype html>\n<title>404", `${no}, but HTML or XML`],
  [
    "UTF-16",
    Buffer.from("\ufeff" + header, "utf16le"),
    `${no}, but UTF-16; save it as UTF-8`,
  ],
  ["zeros", new Uint8Array(1000), `${no}, but no text`],
  ["a long first line", "a,".repeat(1e5), `${no}: a,a,`],
];

test("a file that is no CSV of calls is named, with its line and what to do", () => {
  for (const [what, content, says] of files) {
    fs.writeFileSync(file, content);
    const { runs, problems: [problem, ...others] } = readRuns(file, "none");
    assert.deepEqual([runs, others], [[], []], what);
    assert.ok(problem!.startsWith(`${file}:1: `), problem);
    assert.ok(problem!.includes(says), problem);
    assert.ok(problem!.length < 500, problem);
  }
  const folder = path.dirname(file);
  assert.deepEqual(readRuns(folder, "none").problems, [
    `${folder}: it is a folder, and no file`,
  ]);
});
