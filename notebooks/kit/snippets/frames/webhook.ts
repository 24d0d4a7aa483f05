/** What 40 events at once wait for; to hand one on takes 24 ms. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { postAll } from "./events.ts";

export const cell = new Int32Array(new SharedArrayBuffer(4));
export const client = () => ({
  send: (_id: string, _json: string) => Atomics.wait(cell, 0, 0, 24),
});
export const service = (_id: string) => sleep(24);

// What each of the threads does.
export function work({ parentPort }: typeof import("node:worker_threads")) {
  parentPort!.on("message", async ({ name, task }) => {
    if (/model|all/.test(name)) JSON.parse(task.json ?? task);
    if (/http|all/.test(name)) await new Promise((end) => setTimeout(end, 24));
    parentPort!.postMessage("done");
  });
}

export async function newThread() {
  const code = `(${work})(require("node:worker_threads"))`;
  const thread = new Worker(code, { eval: true });
  await once(thread, "online");
  thread.unref();
  return thread;
}

export const free = await Promise.all(Array.from({ length: 40 }, newThread));
export const pool40 = {
  async run(name: string, task?: unknown) {
    while (free.length === 0) await sleep(1);
    const thread = free.pop()!;
    thread.postMessage({ name, task });
    await once(thread, "message");
    free.push(thread);
  },
};

await postAll({
  // #region shown
  "/nothing": () => {},
  // #endregion
});
