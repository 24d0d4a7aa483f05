/** One report that is watched, from its first mistake to Ctrl-C. */
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import test, { after } from "node:test";
import {
  get,
  someRow,
  spawnScript,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";

const results = temporaryFolder();
const library = new URL("notebook.ts", import.meta.url).href;
const file = path.join(temporaryFolder(), "mine.ts");
const page = path.join(results, "mine.html");

function measure(seconds: number) {
  const run = someRun({ name: "sync", seconds });
  writeTrials(results, "sync", [{ run, rows: [someRow()] }]);
}

function write(...parts: string[]) {
  fs.writeFileSync(
    file,
    `import { notebook, prose, summarise } from ${JSON.stringify(library)};
    export default notebook("Mine", (load) => [
      ${parts.join(",\n")}
    ]);`,
  );
}

const total = 'prose`Total: ${summarise(load("sync"), "total")}.`';

write(total);
const { child, ended } = spawnScript("report.ts", [
  ...["--watch", "--results", results, file],
]);
after(() => child.kill("SIGKILL"));
const [line] = await once(createInterface({ input: child.stdout! }), "line");
const url = String(line);

/** What the server tells a page, in its order; a page knows which one it is. */
async function listen(seen = "") {
  const { headers, body } = await fetch(`${url}/events?seen=${seen}`);
  assert.equal(headers.get("content-type"), "text/event-stream");
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  return {
    async saw(text: string) {
      while (!said.includes(text)) {
        const { value, done } = await reader.read();
        assert.ok(!done, `never told: ${text}`);
        said += value;
      }
      said = said.slice(said.indexOf(text) + text.length);
    },
    async ended() {
      while (!(await reader.read().catch(() => ({ done: true }))).done);
    },
  };
}

async function served(name: string, status = 200) {
  const answer = await get(`${url}/${name}`);
  assert.equal(answer.status, status, name);
  const text = String(answer.body);
  const [, seen] = /<script>const seen = (\d+);/.exec(text) ?? [];
  return { text, seen };
}

const listener = await listen();

test("results that aren't there yet are waited for", async () => {
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  await listener.saw("event: failed");
  await listener.saw("has no metrics_*.csv");
  const { seen } = await served("mine.html", 404);
  measure(1);
  await listener.saw("event: rendered");
  assert.match(fs.readFileSync(page, "utf8"), /Total: 1\.00 s\./);
  assert.notEqual((await served("mine.html")).seen, seen);
  // A page that missed it is told at once.
  const late = await listen(seen);
  await late.saw("event: rendered");
});

test("the page has what reloads it where it is served, and not on disk", async () => {
  const { status, headers } = await get(url);
  assert.deepEqual([status, headers.location], [302, "/mine.html"]);
  const { text } = await served("mine.html");
  const written = fs.readFileSync(page, "utf8");
  assert.doesNotMatch(written, /EventSource|connect-src/);
  assert.match(text, /Policy" content="[^"]*; connect-src &#39;self&#39;; /);
  const own = text.replace(/<script>const seen.*?<\/script>/s, "")
    .replace("connect-src &#39;self&#39;; ", "")
    .replace(/(?<=script-src )&#39;sha256-\S+ /, "");
  assert.equal(own, written);
});

test("a mistake in a notebook is said, until it is mended", async () => {
  write("nothing");
  await listener.saw("event: failed");
  await listener.saw("mine.ts:3 can't be rendered: ReferenceError: ");
  // The page from before is still there, and one that is loaded now is told.
  const { seen } = await served("mine.html");
  await (await listen(seen)).saw("event: failed");
  write(total, "prose`Mended.`");
  await listener.saw("event: rendered");
  assert.match(fs.readFileSync(page, "utf8"), /Mended\./);
});

test("nobody else is served, and nothing else", async () => {
  const headers = { host: `example.org:${new URL(url).port}` };
  assert.equal((await get(`${url}/mine.html`, { headers })).status, 403);
  fs.writeFileSync(path.join(results, "secret.txt"), "secret");
  const names = ["secret.txt", "..%2fmine.html", "%2e%2e%2fa.html", "%", "/a"];
  for (const name of names) {
    assert.doesNotMatch((await served(name, 404)).text, /secret<|Total/);
  }
});

test("Ctrl-C ends it, and whoever listens is told", async () => {
  process.kill(child.pid!, "SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 0);
  await listener.ended();
  assert.match(stderr, /metrics_sync\.csv.* changed; rendering again/);
  assert.match(stderr, /mine\.ts changed; rendering again\n.*mine\.ts:3 can't/);
});
