import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { render } from "../../scripts/dev/testing/pages.ts";
import { snippet } from "../kit/snippets/snippet.ts";
import type { Run } from "../kit/trials/details.ts";
import {
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";
import {
  lagFile,
  matrix,
  nameOf,
  profileFile,
  rungs,
  ways,
} from "../../scripts/chapters/names/mod.ts";
import notebook from "../event-loop.ts";

interface Planted {
  /** Seconds that each request takes. */
  elapsed?: number;
  /** How many of ten requests are not answered OK. */
  failed?: number;
  /** Why they failed; without it their status says so. */
  error?: string;
  trials?: number;
  /** Seconds that the event loop stands still in each trial. */
  still?: number;
  run?: Partial<Run>;
}

/** By how much the trials of one thing differ. */
const noise = [1, 1.004, 0.996, 1.002, 0.998, 1];

function plant(folder: string, route: string, planted: Planted = {}) {
  const { elapsed = 0.025, failed = 0, trials = noise.length } = planted;
  const { error = "", still = 0 } = planted;
  const name = nameOf(route);
  const lags = ["timestamp,lag,memory"];
  const made = noise.slice(0, trials).map((factor, trial) => {
    const begun = start + trial * 1e5;
    const run = `${route}-${trial}`;
    const rows = Array.from({ length: 20 }, (_, id) =>
      someRow({
        name,
        run,
        id: String(id),
        url: `http://127.0.0.1:1${route}?id=${id}`,
        timestamp: new Date(begun + id * 10),
        elapsed: elapsed * factor,
        status: id % 10 < failed ? error ? undefined : 503 : 200,
        error: id % 10 < failed ? error : "",
      }));
    for (let at = 0; at < 1000 * (0.2 + elapsed); at += 50) {
      const round = new Date(begun + 1 + at).toISOString();
      lags.push(`${round},${at === 1500 ? still : 0},100000000`);
    }
    const seconds = 0.19 + elapsed * factor;
    const place = trial + 1;
    const series = { id: "s", seed: 1, trial: place, place, of: 6 };
    const rate = [{ limit: 100, per: 1 }];
    const options = { rate, duration: 0.2 };
    const more = { run, name, seconds, calls: 20, series, options };
    return { rows, run: someRun({ ...more, ...planted.run }) };
  });
  writeTrials(folder, name, made);
  fs.writeFileSync(lagFile(folder, name), lags.join("\n") + "\n");
}

/** All that a chapter has of what is planted by route. */
function reportOf(planted: Record<string, Planted>) {
  const folder = temporaryFolder();
  for (const [route, of] of Object.entries(planted)) plant(folder, route, of);
  return report(folder);
}

function report(folder: string) {
  const rendered = render(notebook, folder);
  const section = (name: string) => {
    const heading = [...rendered.document.querySelectorAll("h3")]
      .find(({ textContent }) => textContent === name)!;
    let text = "";
    let next = heading.nextElementSibling;
    while (next && !/^H[23]$/.test(next.tagName)) {
      text += ` ${next.textContent}`;
      next = next.nextElementSibling;
    }
    return text.replace(/\s+/g, " ");
  };
  return { ...rendered, section };
}

const blocking = { elapsed: 2.5, failed: 4, still: 1.2 };

/** The page of a slow and a fast way, which several tests read. */
const both = reportOf({ "/blocking": blocking, "/lean": {} });

test("titles say by how many times the ends differ, and how long loops stood still", () => {
  const { title, stderr } = both;
  assert.equal(stderr, "");
  assert.match(
    title("ladder"),
    /^The median request takes 100 times as long with \/blocking as with \/lean \(95 %: 99\.\d to 10\d\)$/,
  );
  assert.match(
    title("times-and-lags"),
    /^The event loop of \/blocking stood still for 4\d\.\d % of the time, that of \/lean for 0\.\d+ %$/,
  );
});

test("where most requests are given up, the median is a least one", () => {
  const { title, section } = reportOf({
    "/blocking": { elapsed: 2.5, failed: 6, error: "timeout: no end in 2.5 s" },
    "/pool-4": {},
    "/lean": {},
  });
  assert.match(title("ladder"), /takes at least 100 times as long with /);
  const step = section("From /blocking to /pool-4");
  assert.match(step, /takes at least 100 times as long with \/blocking /);
});

test("too few trials claim nothing", () => {
  const { title, body } = reportOf({
    "/blocking": { elapsed: 2.5, trials: 2 },
    "/lean": { trials: 2 },
  });
  assert.match(title("ladder"), /^Not enough data to compare /);
  assert.match(body, /2 trials are few/);
});

test("the table has each figure, and the source's below it", () => {
  const [row] = [...both.document.querySelectorAll("main > .scroll tbody tr")]
    .filter((row) => row.querySelector("th")!.textContent === "/blocking");
  const cells = [...row!.querySelectorAll("td")]
    .map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim());
  const expected = [
    ...[/^60\.0 % ?source: 58\.7 %$/, /source: 41\.9$/, /source: 932 ms$/],
    ...[/^2\.50 s .*source: 25\.8 s$/, /source: 30\.0 s$/],
  ];
  expected.forEach((cell, index) => assert.match(cells[index]!, cell));
  assert.match(cells.at(-1)!, /^100 MB$/);
});

test("each step has its diff, and what it changed", () => {
  const { section } = reportOf({
    "/blocking": { elapsed: 2.5, failed: 4 },
    "/pool-4": { elapsed: 0.25 },
  });
  const text = section("From /blocking to /pool-4");
  assert.match(text, /- client\(\)\.send\(id, serialize\(event\)\);/);
  assert.match(text, /\+ await pool4\.run\("send", /);
  assert.match(text, /\/pool-4: 100 % are answered OK, .* in 250 ± 1\sms/);
  assert.match(text, /takes 10\.0 times as long with \/blocking \(95 %: /);
});

test("the parts are compared within each part alone", () => {
  const { title, body } = reportOf({
    "/loop/http": {},
    "/pool/http": { elapsed: 0.05 },
    "/loop/body": { elapsed: 0.001 },
    "/pool/body": { elapsed: 0.001 },
  });
  assert.match(
    title("parts-p50"),
    /^On http, the median request takes (99\.\d|100) % longer with pool than with loop .*; 1 of 2 pairs differs$/,
  );
  assert.match(body, /source: 252/);
});

const counted = { accepted: 20, rejected: 0 };

test("the page has the counts of the webhook, the consumers and the service", () => {
  const { title, body } = reportOf({
    "/direct": { failed: 9 },
    "/queued": {},
    "/consumer": { run: { service: counted, left: 0 } },
  });
  assert.match(
    title("at-once"),
    /^10\.0 % are answered OK without a queue, 100 % with one, and the service has done them in \d+ ms$/,
  );
  assert.match(
    body,
    /120 accepted with a 200, 120 called by the consumers, 120 done by the service's own count, 0 refused with a 429, 0 left in the queue/,
  );
});

test("where the data show no difference, the titles say so", () => {
  const { title } = reportOf({
    "/blocking": { still: 0.1, elapsed: 1.6 },
    "/lean": { still: 0.1, elapsed: 1.6 },
    "/direct": {},
    "/queued": {},
  });
  const shown = "No difference shown between";
  assert.equal(
    title("at-once"),
    `${shown} /direct (100 %) and /queued (100 %) in how many are answered OK`,
  );
  assert.match(title("ladder"), new RegExp(`^${shown} /lean`));
  assert.match(
    title("times-and-lags"),
    new RegExp(`^${shown} .* in how long the event loop stood still`),
  );
});

test("the page says how long a hand-over took, and what was in doubt", () => {
  const by = "scripts/ladder.ts --hand-over 50ms";
  const doubts = ["the generator was late"];
  const { body, texts } = reportOf({ "/blocking": { run: { by, doubts } } });
  assert.match(body, /each of ours takes 50\.0\sms, whoever waits/);
  assert.match(body, /can be had more than 20\.0 times a second/);
  assert.match(
    body,
    /At 100 a second, each of which takes 50\.0\sms, 5\.00 are/,
  );
  assert.doesNotMatch(both.body, /50\.0\sms/);
  assert.match(
    texts(".notice").join(),
    /6 of \/blocking: the generator was late/,
  );
});

test("a profile is a tree, and its heading is the function that takes most", () => {
  const folder = temporaryFolder();
  plant(folder, "/blocking");
  const nodes = [
    { id: 1, callFrame: { functionName: "(root)", url: "" }, children: [2, 3] },
    {
      id: 2,
      callFrame: { functionName: "wait", url: "/p/lib/webhook/a.ts" },
    },
    { id: 3, callFrame: { functionName: "(idle)", url: "" } },
  ];
  const samples = [2, 2, 2, 3];
  const timeDeltas = [0, 1000, 1000, 1000];
  fs.writeFileSync(
    profileFile(folder, nameOf("/blocking/profile")),
    JSON.stringify({ nodes, startTime: 0, endTime: 4000, samples, timeDeltas }),
  );
  const { texts, stderr } = report(folder);
  assert.equal(stderr, "");
  const heading = "/blocking: wait alone takes 75.0 % of the time";
  assert.ok(texts("h3").includes(heading), texts("h3").join());
  assert.match(texts(".striking").join(), /lib\/webhook\/a\.ts/);
});

test("a file that can't be read is named, and the rest is drawn", () => {
  const folder = temporaryFolder();
  plant(folder, "/blocking", blocking);
  plant(folder, "/lean");
  fs.writeFileSync(lagFile(folder, nameOf("/lean")), "torn");
  fs.writeFileSync(profileFile(folder, nameOf("/lean/profile")), "{");
  const { stderr, title } = report(folder);
  assert.match(stderr, /lag_webhook-lean\.csv:1: it has no lines/);
  assert.match(stderr, /profile\.cpuprofile: it is no CPU profile/);
  assert.match(title("ladder"), /100 times/);
});

test("each handler is a snippet of ten lines or fewer", () => {
  const regions = [...rungs, ...ways, "/loop", "/pool"];
  for (const region of regions) {
    const lines = snippet("scripts/webhook.ts", region).split("\n");
    assert.ok(lines.length <= 10, region);
    assert.match(lines[0]!, /^\/\/ /);
    assert.ok(lines.every((line) => line.length <= 80), region);
  }
  assert.equal(matrix.length, 10);
});
