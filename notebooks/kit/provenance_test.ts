import assert from "node:assert/strict";
import test from "node:test";
import { someRun } from "../../scripts/dev/testing/example_runs.ts";
import { provenanceBy } from "./provenance.ts";

const environment = { runtime: "node 24.0.0" };

test("the page lists the script that made the runs, and each command once", () => {
  const by = "scripts/all.ts --out results/x --users 7";
  const runs = [
    ["a/b", "http://a:1/"],
    ["c/d", "'http://a:2/'"],
  ].map(([name, url]) =>
    someRun({
      command: `scripts/users.ts --url ${url} --json --name ${name} --users 7`,
      environment,
      by,
    })
  );
  const { html } = provenanceBy(runs);
  const shown = [
    ...html.matchAll(/<code class="language-sh">([^-].*)<\/code>/g),
  ]
    .map(([, code]) => code!.replace(/<[^>]*>/g, ""));
  assert.deepEqual(shown, [
    "node scripts/all.ts --users 7",
    "node scripts/users.ts --users 7  # 2 times",
  ]);
});

test("a script's command names the runtime that ran it, and nothing unknown", () => {
  const by = { by: "scripts/all.ts", byRuntime: "deno 2.0.0" };
  const { html } = provenanceBy([someRun({ environment, ...by })]);
  assert.match(html, />deno run -A scripts\/all\.ts</);
  assert.match(html, />node scripts\/attack\.ts</);
  const alone = provenanceBy([someRun({ environment })]).html;
  assert.doesNotMatch(alone, /undefined|This ran all/);
});
