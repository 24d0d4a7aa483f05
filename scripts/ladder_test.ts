import assert from "node:assert/strict";
import test, { after } from "node:test";
import { readRuns, resultFiles } from "../lib/results.ts";
import { isOk } from "../lib/row.ts";
import { readLags } from "../notebooks/event-loop/lag.ts";
import { readProfile } from "../notebooks/event-loop/profile_tree.ts";
import type { Run } from "../notebooks/kit/trials/details.ts";
import { lagFile, nameOf, profileFile } from "./chapters/names/mod.ts";
import { words } from "./chapters/run.ts";
import { testBroker } from "./dev/testing/broker.ts";
import {
  readRows,
  runScript,
  temporaryFolder,
  testUnless,
} from "./dev/testing/processes.ts";

const { amqp, missing, stop } = await testBroker();
after(stop);

testUnless(
  missing,
  "each part of the ladder is measured and written down",
  async () => {
    const out = temporaryFolder();
    const { code, stderr } = await runScript(
      "ladder.ts",
      ...words`--duration 100ms --timeout 2s --sustain 100ms --trials 1
        --at-once 30 --limit 20 --only /lean --only /loop/body
        --only /direct --only /queued --amqp ${amqp} --out ${out}`,
    );
    assert.equal(code, 0, stderr);
    const of = (route: string) => {
      const { csv, json } = resultFiles(out, nameOf(route));
      return { rows: readRows(csv), runs: readRuns<Run>(json) };
    };

    const climbed = ["/lean", "/loop/body"].map(of);
    for (const { rows, runs } of climbed) {
      assert.equal(rows.length, 50);
      assert.ok(rows.every(isOk));
      assert.ok(rows.every(({ bytes_out }) => bytes_out === 5686));
      assert.deepEqual(runs.map(({ series }) => series!.trial), [1]);
      assert.ok(runs.every(({ by }) => by!.startsWith("scripts/ladder.ts ")));
    }
    const places = climbed.flatMap(({ runs }) =>
      runs.map(({ series }) => series!.place)
    );
    assert.deepEqual(places.sort(), [1, 2]);

    for (const name of ["/lean", "/lean/sustained", "/queued"].map(nameOf)) {
      const { lags, problems } = readLags(lagFile(out, name));
      assert.deepEqual(problems, []);
      assert.ok(lags.length > 0);
    }
    const profile = profileFile(out, nameOf("/lean/profile"));
    assert.ok(readProfile(profile).tree!.total > 0);

    // Of 30 at once, the service takes 20 in the first second.
    const direct = of("/direct");
    assert.equal(direct.rows.filter(isOk).length, 20);
    for (const { service } of direct.runs) {
      assert.deepEqual([service!.accepted, service!.rejected], [20, 10]);
    }
    const queued = of("/queued");
    assert.ok(queued.rows.length === 30 && queued.rows.every(isOk));
    const consumer = of("/consumer");
    for (const { run, service, left } of consumer.runs) {
      const rows = consumer.rows.filter((row) => row.run === run && isOk(row));
      assert.equal(new Set(rows.map(({ id }) => id)).size, 30);
      assert.equal(service!.accepted, 30);
      assert.equal(left, 0);
    }

    const report = await runScript("report.ts", "event-loop", "--results", out);
    assert.equal(report.code, 0, report.stderr);
    assert.equal(report.stderr, "");
  },
);

for (
  const [options, code, message] of [
    ["--only /blockin", 2, /\/blockin is no route; did you mean \/blocking\?/],
    ["--amqp amqp://127.0.0.1:1", 1, /can't reach RabbitMQ/],
  ] as const
) {
  test(`${options} fails with what to do`, async () => {
    const ended = await runScript("ladder.ts", ...options.split(" "));
    assert.equal(ended.code, code);
    assert.match(ended.stderr, message);
    assert.doesNotMatch(ended.stderr, /^ +at /m);
  });
}
