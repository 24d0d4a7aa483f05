/** A pool of threads that may block, as in frameworks that aren't async. */
import { inspect } from "node:util";
import type { MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { say } from "../../../lib/exit.ts";
import { Refusal } from "../http/mod.ts";
import type { Orders } from "./orders.ts";

export interface WorkerOptions {
  /** The service behind the webhook. */
  service: string;
  /** The least time that each hand-over takes, in seconds. */
  seconds: number;
  /** The first work: the threads load what it needs when they start. */
  first: Work;
}

type Work = "send" | "nothing" | "model" | "http" | "all" | "die";

export interface Pool {
  /**
   * Runs some work on the next free thread.
   *
   * @throws {Refusal} what the work threw, or 500 if the thread died
   */
  run(work: Work, task?: unknown): Promise<void>;
}

const filename = new URL("worker.ts", import.meta.url).href;

/** Starts all threads before the first work is done. */
export function createPool(
  threads: number,
  courier: Orders,
  options: Omit<WorkerOptions, "first">,
): Pool {
  let starting: Promise<Piscina> | undefined;

  async function start(first: Work): Promise<Piscina> {
    const size = { minThreads: threads, maxThreads: threads };
    const workerData: WorkerOptions = { ...options, first };
    const pool = new Piscina({ filename, ...size, workerData });
    // Otherwise a thread that dies while idle would end the server.
    pool.on("error", (error) => say(inspect(error)));
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    let count = 0;
    pool.on("message", ({ port }: { port?: MessagePort }) => {
      if (port) courier.postMessage({ what: "listen", port }, [port]);
      else if (++count === threads) resolve();
    });
    await ready;
    return pool;
  }

  return {
    async run(name, task) {
      const pool = await (starting ??= start(name));
      const refused = await pool.run(task, { name }).catch((error) => {
        throw new Refusal(500, `the work failed: ${error.message}`);
      });
      if (!refused) return;
      const { status, message, headers } = refused;
      throw new Refusal(status, message, headers);
    },
  };
}
