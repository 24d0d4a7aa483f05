import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import { eventually } from "../../dev/testing/processes.ts";
import { watchMemory } from "./peak_memory.ts";

test("a process has memory while it is watched", async () => {
  const memory = await eventually("this process", async () => {
    const stop = watchMemory(process.pid);
    await new Promise((resolve) => setTimeout(resolve, 60));
    return stop();
  });
  assert.ok(memory > 1e7 && memory < 1e11, `${memory} bytes`);
});

test("one that is not there has none", async () => {
  const stop = watchMemory(2 ** 30);
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal(stop(), undefined);
});
