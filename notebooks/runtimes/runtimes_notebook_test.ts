import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { render } from "../../scripts/dev/testing/pages.ts";
import type { Run } from "../kit/trials/details.ts";
import {
  CLIENTS_FILE,
  nameOfJob,
  type RuntimeName,
} from "../../scripts/chapters/names/mod.ts";
import {
  someRow,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  someRun,
  start,
  writeTrials,
} from "../../scripts/dev/testing/example_runs.ts";
import notebook from "../runtimes.ts";

const CALLS = 10;
const versions = { deno: "2.0.0", bun: "1.4.0", node: "24.0.0" };
const shares = [1.01, 1, 1.02, 0.98, 1.01, 0.99, 1];

/** Trials of a job that each took about `seconds`. */
function measured(
  folder: string,
  runtime: RuntimeName,
  job: string,
  seconds: number,
  { trials = 7, given = (_: number): Partial<Run> => ({}) } = {},
) {
  const name = nameOfJob(runtime, job);
  const version = `${runtime} ${versions[runtime]}`;
  writeTrials(
    folder,
    name,
    shares.slice(0, trials).map((share, trial) => ({
      run: someRun({
        ...{ run: `${name}-${trial}`, name, calls: CALLS },
        ...{ command: `scripts/${job}.ts`, by: "scripts/runtimes.ts" },
        byRuntime: "deno 2.0.0",
        seconds: share * seconds,
        cpu: 0.5,
        process: {
          runtime: version,
          start: share * seconds,
          memory: share * seconds * 1e8,
        },
        series: { id: "one", seed: 1, trial: trial + 1, place: trial, of: 7 },
        environment: { runtime: version },
        ...given(share),
      }),
      rows: Array.from({ length: CALLS }, (_, id) =>
        someRow({
          ...{ run: `${name}-${trial}`, name, id: String(id) },
          timestamp: new Date(start + trial * 1e5 + id),
          wait: share * seconds / 1000,
        })),
    })),
  );
}

test("each title compares the runtimes, with their versions", () => {
  const folder = temporaryFolder();
  for (const job of ["start", "users", "fetch", "attack", "sync"]) {
    measured(folder, "deno", job, 1);
    measured(folder, "node", job, 2);
  }
  const { title, stderr, texts } = render(notebook, folder);
  assert.equal(stderr, "");
  assert.match(
    title("start"),
    /^On the first call, Node 24\.0\.0 takes \d+(\.\d+)? % longer than Deno 2\.0\.0 \(95 %: /,
  );
  assert.match(
    title("calls"),
    /^On (undici|own fetch), Deno 2\.0\.0 makes .* more calls a second than Node 24\.0\.0 .*; 2 of 2 pairs differ$/,
  );
  for (const chart of ["cpu-of-calls", "late", "memory", "total"]) {
    assert.match(title(chart), /Node 24\.0\.0 .* Deno 2\.0\.0/);
  }
  const code = texts("code");
  assert.ok(code.includes("deno run -A scripts/runtimes.ts"));
  assert.match(code.at(-1)!, /node scripts\/users\.ts # 7 times/);
});

test("clients that cost the same show no difference", () => {
  const folder = temporaryFolder();
  for (const runtime of ["deno", "bun"] as const) {
    measured(folder, runtime, "users", 1);
    measured(folder, runtime, "fetch", 1);
  }
  const { title } = render(notebook, folder);
  assert.match(
    title("cpu-of-clients"),
    /^No difference shown between any two clients in processor time/,
  );
  assert.match(
    title("calls"),
    /^No difference shown between any two runtimes in calls per second/,
  );
});

test("the first start stands for itself, and is in no mean", () => {
  const folder = temporaryFolder();
  measured(folder, "bun", "start", 1, {
    given: (share) => ({
      process: { runtime: "bun 1.4.0", start: share === 1.01 ? 9 : 0.1 },
    }),
  });
  const { body, document } = render(notebook, folder);
  assert.match(body, /It took 9\.00 s on Bun 1\.4\.0\./);
  const row = [...document.querySelectorAll("tr")]
    .find(({ textContent }) => /the first call/.test(textContent))!;
  // Two trials have the share of the first.
  assert.match(row.textContent, /1\.58 s/);
});

test("a server's trials are its own account, and in doubt if the client took more", () => {
  const folder = temporaryFolder();
  for (const runtime of ["deno", "node"] as const) {
    measured(folder, runtime, "bare", 1, {
      given: (share) => ({
        cpu: 0.9,
        server: { cpu: share * (runtime === "deno" ? 0.1 : 0.2), memory: 5e7 },
      }),
    });
  }
  const { title, body } = render(notebook, folder);
  assert.match(
    title("cpu"),
    /^On bare node:http, Node 24\.0\.0 takes .* more processor time for a request than Deno/,
  );
  assert.match(
    body,
    /14 of 14 trials of a server are in doubt, one since the generator took/,
  );
  assert.match(body, /50\.0 MB/);
});

const look = (agent?: string) => ({ headers: ["host"], agent });
const bun = {
  ...{ runtime: "bun 1.4.0", undici: "8.0.0", isStandIn: true },
  calls: { scripts: look(), undici: look("Bun"), fetch: look("Bun") },
};
const node = {
  ...{ runtime: "node 24.0.0", undici: "8.0.0", isStandIn: false },
  calls: { scripts: look(), undici: look(), fetch: look("node") },
};

function withClients(clients: unknown) {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, CLIENTS_FILE), JSON.stringify(clients));
  return render(notebook, folder);
}

test("which client called is what a server saw", () => {
  const { texts } = withClients([bun, node]);
  const said = texts("li").join("\n");
  assert.match(said, /look the same on all of them, .*: undici 8\.0\.0 makes/);
  assert.match(
    said,
    /On Bun 1\.4\.0 the bare name undici gives a stand-in, whose calls look like those of its own fetch\./,
  );
  assert.doesNotMatch(said, /On Node/);
  assert.ok(texts("td").includes("Bun"));

  const calls = { ...bun.calls, scripts: look("Bun") };
  // Alone, it looks like a fetch.
  for (const others of [[node], []]) {
    const { texts } = withClients([{ ...bun, calls }, ...others]);
    assert.match(texts("li").join("\n"), /it is not sure that one client/);
  }
});

test("entries of runtimes.json that can't be used are named, and the rest is there", () => {
  const { stderr, texts } = withClients([node, {
    ...bun,
    calls: { fetch: 5 },
  }]);
  assert.match(stderr, /runtimes\.json: entry 2 is skipped/);
  assert.ok(texts("td").includes("node"));
  assert.match(withClients({}).stderr, /runtimes\.json:1: it lists no clients/);
});

test("what was not measured is named with the command", () => {
  const folder = temporaryFolder();
  measured(folder, "deno", "users", 1);
  const { texts } = render(notebook, folder);
  assert.match(
    texts(".notice").join(),
    /deno \(start, sync, .*image\), bun, node was not measured/,
  );
});
