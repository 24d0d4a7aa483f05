/** attack.ts --find, whose tries are attacks: it runs on Deno alone. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { after } from "node:test";
import { resultFiles } from "../lib/results.ts";
import { startServer } from "../lib/script.ts";
import {
  readRows,
  runScript,
  temporaryFolder,
} from "./dev/testing/processes.ts";
import { arrivals, stages } from "./load/arrivals.ts";
import { interval } from "./load/highest_rate.ts";

const target = await startServer("target.ts");
after(target.stop);

test("--find closes in on the highest rate that holds", async () => {
  // Of runs of 100 ms it is those of more than 100/s that have an 11th call.
  const server = createServer(({ url }, response) => {
    response.statusCode = Number(url!.slice(1)) > 10 ? 500 : 200;
    // A generator may be late by a part of that.
    setTimeout(() => response.end(), 40);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/{id}`;
  const out = temporaryFolder();
  const { code, stdout, stderr } = await runScript(
    "attack.ts",
    ...["--url", url, "--rate", "80", "--duration", "100ms"],
    ...["--find", "success>=1", "--json", "--out", out],
  );
  const { find, held = 0, broken, limited, tried } = JSON.parse(stdout);
  assert.equal(find, "success>=1");
  const found = interval(tried);
  assert.deepEqual([held, broken], [found.held ?? 0, found.broken]);
  assert.ok(held <= 100);
  // On a busy machine the generator may be too late, which is said.
  if (!limited) {
    assert.equal(code, 0, stderr);
    assert.ok(broken <= held * 1.05);
  }
  if (!stderr.includes("generator")) assert.ok(broken > 100);

  const rows = readRows(resultFiles(out, "find").csv);
  const runs = [...new Set(rows.map(({ run }) => run))];
  const rates = [...stderr.matchAll(/^([\d.]+)\/s: /gm)];
  const counts = runs.map((run) =>
    rows.filter((row) => row.run === run).length
  );
  const due = rates.map(([, rate]) =>
    arrivals(stages([Number(rate)], 0.1, 0)).total
  );
  assert.deepEqual(counts, due);
});

test("a try that says little is made again, and both keep their rows", async () => {
  const out = temporaryFolder();
  const { code, stdout } = await runScript(
    "attack.ts",
    ...["--url", `${target.url}/delay/0`, "--rate", "200000"],
    ...["--duration", "10ms", "--find", "p99<0.001ms", "--json", "--out", out],
  );
  const { limited, tried } = JSON.parse(stdout);
  assert.deepEqual([code, limited, tried.length], [0, true, 1]);
  assert.match(tried[0].doubts.join(), /load generator/);
  const rows = readRows(resultFiles(out, "find").csv);
  assert.equal(new Set(rows.map(({ run }) => run)).size, 2);
});

test("a rule that never holds is exit code 1 and a sentence", async () => {
  const { code, stdout, stderr } = await runScript(
    "attack.ts",
    ...["--url", target.url, "--rate", "1", "--duration", "100ms"],
    ...["--find", "success>1", "--out", temporaryFolder()],
  );
  assert.equal(code, 1);
  assert.equal(stdout, "success>1 does not hold even at 1/s\n");
  assert.match(stderr, /\nno rate was found\n$/);
  assert.doesNotMatch(stderr, /^\s+at /m);
});
