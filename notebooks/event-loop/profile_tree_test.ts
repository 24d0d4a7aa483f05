import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import {
  randomNumbers,
  temporaryFolder,
} from "../../scripts/dev/testing/processes.ts";
import {
  busiest,
  type Call,
  profileTable,
  pruned,
  readProfile,
  treeOf,
} from "./profile_tree.ts";

const project = "file:///somewhere/project";

/** A profile of functions that call each other, one millisecond a sample. */
function profileOf(
  nodes: [id: number, name: string, url: string, children?: number[]][],
  samples: number[],
) {
  return {
    nodes: nodes.map(([id, functionName, url, children]) => (
      { id, callFrame: { functionName, url }, children }
    )),
    startTime: 5_000_000,
    endTime: 5_000_000 + 1000 * samples.length,
    samples,
    timeDeltas: samples.map((_, index) => index === 0 ? 0 : 1000),
  };
}

const handler = profileOf([
  [1, "(root)", "", [2, 6]],
  [2, "onRequest", "node:_http_server", [3]],
  [3, "/blocking", `${project}/scripts/webhook.ts`, [4, 7]],
  [4, "send", `${project}/scripts/servers/webhook/blocking_client.ts`, [5]],
  [5, "wait", ""],
  [6, "(idle)", ""],
  [7, "publish", `${project}/node_modules/.x/node_modules/amqplib/lib/a.js`],
], [...Array(90).fill(5), ...Array(6).fill(6), 3, 3, 7, 7]);

const all = (call: Call): Call[] => [call, ...call.calls.flatMap(all)];

test("each call has its own time, that of all it calls, and its place", () => {
  const found = Object.fromEntries(
    all(treeOf(handler)).map(({ name, self, total, place }) => [
      name,
      [...[self, total].map((seconds) => Math.round(seconds * 1000)), place],
    ]),
  );
  assert.deepEqual(found, {
    "(root)": [0, 100, ""],
    "onRequest": [0, 94, ""],
    "/blocking": [2, 94, "scripts/webhook.ts"],
    "send": [0, 90, "scripts/servers/webhook/blocking_client.ts"],
    "wait": [90, 90, ""],
    "(idle)": [6, 6, ""],
    "publish": [2, 2, "amqplib"],
  });
  assert.equal(busiest(treeOf(handler)).name, "wait");
});

test("where idle time has no samples, it is what is left between them", () => {
  const tree = treeOf({
    ...profileOf([[1, "(root)", "", [2]], [2, "work", ""]], [2, 2, 2]),
    timeDeltas: [0, 1000, 500_000],
    endTime: 5_000_000 + 502_000,
  });
  const [work, idle] = tree.calls;
  assert.equal(work!.self.toFixed(6), "0.005000");
  assert.equal(idle!.name, "(idle)");
  assert.equal(idle!.self.toFixed(6), "0.497000");
  assert.equal(tree.total.toFixed(6), "0.502000");
});

test("frames that only pass on are hidden, and counted", () => {
  const [first, second] = pruned(treeOf(handler)).calls;
  assert.deepEqual([first!.name, first!.hidden], ["/blocking", 1]);
  assert.equal(second!.name, "(idle)");
});

test("the table has the functions in their order, and what is striking", () => {
  const { html } = profileTable(treeOf(handler));
  const order = ["/blocking", "send", "wait", "(idle)"];
  assert.ok(!html.includes("publish"), "2 of 94 ms are not told");
  const found = order.map((name) => html.indexOf(`>${name}</span>`));
  assert.ok(found.every((at) => at > 0));
  assert.deepEqual(found, found.toSorted((a, b) => a - b));
  assert.equal(html.split("striking").length - 1, 1);
});

test("no call graph loses or gains time", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomNumbers(seed);
    const parents = Array.from(
      { length: 30 },
      (_, id) => id === 0 ? 0 : 1 + Math.floor(random() * id),
    );
    const nodes = parents.map((_, index) => {
      const id = index + 1;
      const children = parents.flatMap((parent, child) =>
        child > 0 && parent === id ? [child + 1] : []
      );
      return [id, `f${id}`, "", children] as [number, string, string, number[]];
    });
    const samples = parents.concat(parents, parents)
      .map(() => 1 + Math.floor(random() * 30));
    const tree = treeOf(profileOf(nodes, samples));
    assert.ok(Math.abs(tree.total - 0.09) < 1e-9);
    const selves = all(tree).reduce((sum, { self }) => sum + self, 0);
    assert.ok(Math.abs(selves - 0.09) < 1e-9);
  }
});

test("a file that is no profile is named, and one that isn't there is not", () => {
  const file = path.join(temporaryFolder(), "p.cpuprofile");
  assert.deepEqual(readProfile(file), {});
  for (const text of ["", "{", "[]", "null", '{"nodes": []}']) {
    fs.writeFileSync(file, text);
    const { tree, problem } = readProfile(file);
    assert.equal(tree, undefined);
    assert.match(problem!, /p\.cpuprofile: it is no CPU profile/);
  }
});
