import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import {
  count,
  duration,
  isHttpUrl,
  type Option,
  readOptions,
  size,
  text,
} from "./options.ts";
import { rates } from "../scripts/throttle/rates.ts";
import { formatSize } from "./format.ts";
import { measuring } from "./measure.ts";
import { runScript, saysWrong } from "../scripts/dev/testing/processes.ts";

function accepts<T>(option: Option<T>, values: Record<string, T>) {
  for (const [given, value] of Object.entries(values)) {
    assert.equal(option.parse([given]), value, given);
  }
}

function refuses(option: Option<unknown>, ...texts: string[]) {
  for (const given of texts) {
    assert.throws(() => option.parse([given]), RangeError, given);
  }
}

test("a duration has a unit, and is in seconds", () => {
  const option = duration("5s", "");
  assert.equal(option.fallback, 5);
  accepts(option, {
    "0s": 0,
    "250ms": 0.25,
    "1.5s": 1.5,
    "2m": 120,
    "1h": 3600,
  });
  refuses(
    option,
    "",
    "5",
    "s",
    "-5s",
    "5 s",
    "5d",
    "5sec",
    "1e3s",
    ".5s",
    "5S",
  );
});

test("a count is a whole number from the least on", () => {
  accepts(count(1, ""), { "1": 1, "007": 7, "1000000": 1_000_000 });
  refuses(count(1, ""), "0", "-1", "ten", "", "1.5", "1e3", "9".repeat(20));
  accepts(count(1, "", 0), { "0": 0 });
});

test("a rate is above 0, and so is its time", () => {
  assert.deepEqual(rates("20/1s,7.5/2m", "").fallback, [
    { limit: 20, per: 1 },
    { limit: 7.5, per: 120 },
  ]);
  refuses(rates("100", ""), "0", "-5", "100/0s", "abc", "20/1s,", "5/1", "");
});

test("a size has a unit or none, and is in bytes", () => {
  accepts(size(""), {
    "1": 1,
    "500KB": 500_000,
    "1.5kb": 1500,
    "10Mb": 10_000_000,
    "1GB": 1_000_000_000,
    "0.001KB": 1,
  });
  refuses(size(""), "", "0", "0GB", "-1", "1e3", "MB", "1 MB", "1TB", "1K");
  refuses(size(""), "0.1", "1MiB", "9".repeat(20), `${"9".repeat(20)}GB`);
});

test("a size is said as it was typed", () => {
  for (const typed of ["500KB", "1500KB", "10MB", "1GB", "1234 bytes"]) {
    const bytes = size("").parse([typed.replace(" bytes", "")]);
    assert.equal(formatSize(bytes!), typed);
  }
});

test("a text is not empty, and the last one given counts", () => {
  assert.equal(text("X", undefined, "").parse(["a", "b"]), "b");
  refuses(text("X", undefined, ""), "");
});

test("only http and https can be called", () => {
  for (const url of ["http://a", "https://a:1/b?c={id}", "HTTP://a"]) {
    assert.ok(isHttpUrl(url), url);
  }
  for (const url of ["ftp://a", "nonsense", "a.com", "", "//a", 7, undefined]) {
    assert.ok(!isHttpUrl(url), String(url));
  }
});

/** What is typed, and what the message has to say about it. */
const mistakes: [string, ...RegExp[]][] = [
  ["--cals 5", /--cals/, /did you mean --calls\?/],
  ["--calls 0", /--calls/, /whole number, 1 to/, /"0"/],
  ["--calls -1", /--calls/],
  ["--calls=-1", /--calls/, /whole number/, /"-1"/],
  ["--calls ten", /--calls/, /whole number/, /"ten"/],
  ["--calls", /--calls needs a value/],
  ["--calls --json", /--calls needs a value; --json is/],
  ["--json=yes", /--json/, /yes/],
  ["--timeout 5", /--timeout/, /250ms, 5s or 2m/, /"5"/],
  ["--max-body big", /--max-body/, /500KB, 10MB or 1GB/, /"big"/],
  ["--url ftp://x", /--url/, /http/, /"ftp:\/\/x"/],
  ["--url nonsense", /--url/, /http/, /"nonsense"/],
  ["--expect p99", /--expect/, /p99<500ms/, /"p99"/],
  ["--name ../x", /--name/, /letters/, /"..\/x"/],
  ["5", /5 is not an option/],
];

for (const [typed, ...says] of mistakes) {
  test(`${typed} is wrong usage`, async () => {
    const before = process.argv.splice(2, Infinity, ...typed.split(" "));
    try {
      const said = await saysWrong(() => readOptions(measuring));
      for (const pattern of says) assert.match(said, pattern);
      assert.equal(said.split("\n").length, 1);
    } finally {
      process.argv.splice(2, Infinity, ...before);
    }
  });
}

for (
  const [script, ...typed] of [
    ["async.ts", "--concurrency", "5"],
    ["semaphore.ts", "--pause", "soon"],
    ["target.ts", "--port", "70000"],
  ]
) {
  test(`${script} ${typed.join(" ")} is exit code 2, and a line`, async () => {
    const { code, stdout, stderr } = await runScript(script!, ...typed);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, RegExp(`^${typed[0]} .*\n$`));
  });
}

for (const script of ["demo.ts", "runtimes.ts", "attack.ts"]) {
  test(`${script} --help breaks its lines between words`, async () => {
    const { stdout } = await runScript(script, "--help");
    const [, options = ""] = stdout.split("\nOptions:\n");
    for (const line of options.trimEnd().split("\n")) {
      assert.match(line, /^( {2}--\S.{19}| {24})\S/);
      assert.ok(line.length <= 80, line);
    }
  });
}

for (const script of ["sync.ts", "semaphore.ts", "target.ts"]) {
  test(`${script} --help is its header comment and its options`, async () => {
    const { code, stdout, stderr } = await runScript(script, "--help");
    assert.equal(code, 0, stderr);
    assert.match(stdout, RegExp(`^[A-Z][^]*\n {4}deno run .*${script}`));
    const options = script === "target.ts"
      ? "port seed median sigma"
      : "url calls timeout max-body warmup out append name seed json expect" +
        (script === "sync.ts" ? "" : " concurrency pause");
    for (const option of options.split(" ")) {
      assert.match(stdout, RegExp(`^  --${option} .*\\w`, "m"));
    }
    assert.match(stdout, /\(default: \S+\)/);
    assert.doesNotMatch(stdout, /^ ?\*/m);
  });
}
