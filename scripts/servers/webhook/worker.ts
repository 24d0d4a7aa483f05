/** A thread of the pool: does one piece of work at a time. */
import process from "node:process";
import { MessageChannel, parentPort, workerData } from "node:worker_threads";
import { Refusal } from "../http/mod.ts";
import { newClient } from "./blocking_client.ts";
import { urlOf } from "./orders.ts";
import type { WorkerOptions } from "./pool.ts";

// Load only what the work needs: there may be a hundred threads.
const payload = () => import("./payload.ts");
const service = () => import("./service.ts");

const { service: url, seconds, first } = workerData as WorkerOptions;
if (/model|all/.test(first)) await payload();
if (/http|all/.test(first)) await service();
const { port1: courier, port2: port } = new MessageChannel();
parentPort!.postMessage({ port }, [port]);
const own = newClient(courier, seconds);
try {
  own.connect();
} catch {
  // The courier keeps trying; until it succeeds, sends are refused.
}
parentPort!.postMessage({ isReady: true });

interface Message {
  id: string;
  json: string;
  /** The name of the connection to use, if not the thread's own. */
  client?: string;
}

export const send = refusing(({ id, json, client }: Message) => {
  const { send } = client ? newClient(courier, seconds, client) : own;
  send(id, json);
});

export const nothing = refusing(() => {});

export const model = refusing(async (text: string) => {
  (await payload()).parse(text);
});

export const http = refusing(async ({ id }: { id: string }) => {
  await (await service()).callService(urlOf(url, id));
});

export const all = refusing(async ({ id, json }: Message) => {
  (await payload()).parse(json);
  await (await service()).callService(urlOf(url, id));
});

export const die = () => process.exit(1);

/** Returns refusals: a thrown one would lose its class on the way. */
function refusing<Task>(work: (task: Task) => void | Promise<void>) {
  return async (task: Task) => {
    try {
      await work(task);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message, headers } = error;
      return { status, message, headers };
    }
  };
}
