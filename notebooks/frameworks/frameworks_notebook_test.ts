import assert from "node:assert/strict";
import test from "node:test";
import type { Run } from "../kit/trials/details.ts";
import type { Row } from "../../lib/row.ts";
import { snippet } from "../kit/snippets/snippet.ts";
import { render } from "../../scripts/dev/testing/pages.ts";
import {
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";
import notebook from "../frameworks.ts";

interface Planted {
  /** Seconds that each request takes. */
  elapsed?: number;
  trials?: number;
  row?: Partial<Row>;
  /** What the JSON says of each trial. */
  run?: Partial<Run>;
}

/** By how much the trials of one thing differ. */
const noise = [1, 1.004, 0.996, 1.002, 0.998, 1];
const fewest = noise.length;
const lag = { min: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0.002, max: 0.01 };
const use = { cpu: 0.8, memory: 1e8, lag };
const series = { id: "one", seed: 1, trial: 1, place: 1, of: 6 };

/** Writes the trials of a server on a route: a user's 20 requests each. */
function measured(folder: string, name: string, planted: Planted = {}) {
  const { elapsed = 0.01, trials = fewest } = planted;
  const trialsOf = noise.slice(0, trials).map((factor, trial) => {
    const run = `${name}-${trial}`;
    const time = elapsed * factor;
    const rows = Array.from({ length: 20 }, (_, id) => {
      const timestamp = new Date(start + trial * 1e4 + id * time * 1000);
      const own = { name, run, id: String(id), timestamp, elapsed: time };
      return someRow({ ...own, ...planted.row });
    });
    const made = someRun({
      run,
      name,
      command: `scripts/users.ts --name ${name} --url 'http://a:1/b' --json`,
      options: { users: 2000, spawnRate: 50, duration: 30 },
      seconds: 20 * time,
      cpu: 0.2,
      server: use,
      series,
      ...planted.run,
    });
    return { run: made, rows };
  });
  writeTrials(folder, name, trialsOf);
}

/** All that a chapter has of what is `planted` in each server and route. */
function reportOf(planted: Record<string, Planted>) {
  const folder = temporaryFolder();
  for (const [name, of] of Object.entries(planted)) measured(folder, name, of);
  return render(notebook, folder);
}

test("servers that are alike show no difference in any figure", () => {
  const { title, stderr, texts } = reportOf({
    "bare/base64": {},
    "express/base64": {},
  });
  assert.equal(stderr, "");
  for (const name of ["p50", "p99", "throughput", "size", "cpu", "memory"]) {
    assert.match(title(name), /^No difference shown between \w+ and \w+ in /);
  }
  assert.match(texts("h2 ~ ul li").join(), /Shown to be alike, within 5 %: /);
});

const holding = (held: number, limited = false): Partial<Run> => ({
  highest: { find: "p99<200ms", held, broken: held * 1.05, limited },
});

const differing = reportOf({
  "bare/base64": { run: holding(400, true) },
  "express/base64": { elapsed: 0.02, run: holding(200) },
  "hono/base64": { elapsed: 0.0102 },
  "bare/multipart": {},
  "express/multipart": {},
});

test("the widest difference is named, and how many pairs differ", () => {
  const { title, texts, body } = differing;
  const sure = String.raw`\(95 %: 99\.\d to 101 %\); 3 of 4 pairs differ$`;
  const titles = {
    throughput: "bare answers 100 % more requests a second than express",
    p50: "the median request takes 100 % longer with express than with bare",
  };
  for (const [name, says] of Object.entries(titles)) {
    assert.match(title(name), new RegExp(`^On base64, ${says} ${sure}`));
  }
  assert.match(
    body,
    /per second, from the least to the most: express 50.0.*hono 98.0.*bare 100/,
  );
  assert.match(
    texts("h2 ~ ul li").join("\n"),
    /^Larger than the noise: hono answers .* than express .*; bare answers/m,
  );
});

test("the highest rates are drawn as intervals, and the page has the rule", () => {
  const { title, document, body } = differing;
  assert.equal(
    title("highest"),
    "On base64, bare holds at a rate that is 100 % higher than with express " +
      "(95 %: 100 to 100 %); some trials are in doubt",
  );
  assert.match(body, /at it p99<200ms holds/);
  const drawn = (mark: string) =>
    document.querySelectorAll(`.highest-wide ${mark}`).length;
  assert.equal(drawn("[data-mark=rule] [stroke^=var] line"), 12);
  assert.equal(drawn("[data-mark=dot] path"), 6);
});

test("the snippets are the code of the servers", () => {
  const blocks = [
    ...differing.document.querySelectorAll(".beside .listing > pre code"),
  ];
  assert.deepEqual(
    blocks.map(({ textContent }) => textContent),
    ["bare", "express", "fastify", "hono"]
      .map((name) => snippet(`scripts/servers/${name}.ts`, "routes")),
  );
});

test("trials that the generator decided are marked and named", () => {
  const { texts, title, document } = reportOf({
    "bare/base64": { run: { cpu: 0.9 } },
    "express/base64": { elapsed: 0.02, run: { doubts: ["it was <busy>"] } },
    "hono/base64": { elapsed: 0.03 },
  });
  assert.deepEqual(texts(".notice li"), [
    "6 of 6 of bare/base64: the generator took 52.9 % of the processor time, " +
    "more than the server",
    "6 of 6 of express/base64: it was <busy>",
  ]);
  assert.match(title("throughput"), /; some trials are in doubt$/);
  assert.equal(
    title("generator"),
    "The generator took 20.0 to 52.9 % of the processor time; trials in " +
      "doubt: 12 of 18",
  );
  const drawn = (shape: string) =>
    document.querySelectorAll(`.p50-wide [data-mark=dot] ${shape}`).length;
  assert.deepEqual([drawn("path"), drawn("circle")], [12, 6]);
  assert.ok(texts("tbody tr").some((row) => /^express.* 6 in doubt/.test(row)));
});

const command = "deno run -A scripts/frameworks.ts";

test("runs of another series and searches are left out, as the page says", () => {
  const { texts, title, stderr } = reportOf({
    "bare/base64": {
      row: { timestamp: new Date(start - 1e6) },
      run: { series: { ...series, id: "before" } },
    },
    "express/base64": { trials: 1 },
    "express/base64/find": { trials: 1 },
  });
  assert.equal(stderr, "");
  assert.deepEqual(texts(".notice"), [
    "6 runs of bare/base64 from another series are left out.",
    "bare, express (imageurl, multipart), fastify, hono was not measured. " +
    "This measures it:",
  ]);
  assert.deepEqual(texts(".notice + pre"), [command]);
  assert.deepEqual(texts("main > .scroll tbody th"), ["express/base64"]);
  assert.match(title("throughput"), /^Nothing to compare/);
  assert.equal(title("highest"), "");
  assert.match(texts("main").join(), /--find 'p99<200ms' searches for it/);
});

test("any server can join; one trial of each claims nothing", () => {
  const one: Planted = { trials: 1, run: { server: undefined } };
  const { title, texts } = reportOf({
    "my_server.2/imageurl": { ...one, elapsed: 0.03 },
    "bare/imageurl": one,
    "aio-http/imageurl": { ...one, elapsed: 0.02 },
  });
  assert.deepEqual(texts("main > .scroll tbody th"), [
    "bare/imageurl",
    "aio-http/imageurl",
    "my_server.2/imageurl",
  ]);
  assert.equal(
    title("p99"),
    "Not enough data to compare the servers in the p99 of the response time: " +
      "4 more trials of each",
  );
  assert.match(
    texts("h2 ~ ul li").join(),
    /Not decided in any pair: 4 more trials of each.*a claim takes 5 trials/,
  );
  for (const name of ["cpu", "memory", "lag", "generator"]) {
    assert.equal(title(name), "");
  }
});

test("where all requests fail, there is still a page", () => {
  const row = { status: 503, error: "protocol: 503" };
  const { title, texts } = reportOf({
    "bare/base64": { row },
    "express/base64": { row },
  });
  assert.equal(title("p50"), "");
  assert.match(title("throughput"), /^No difference shown/);
  assert.match(
    texts(".notice").join(),
    /^120 of 120 requests to bare\/base64 failed; /,
  );
});
