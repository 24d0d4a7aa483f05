/** Threads that may stand still, as a framework has them that isn't async. */
import { inspect } from "node:util";
import type { MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { say } from "../../../lib/exit.ts";
import { Refusal } from "../http/mod.ts";
import type { Orders } from "./orders.ts";

/** What the threads are told. */
export interface Told {
  /** The service behind the webhook. */
  service: string;
  /** How long each of their hand-overs takes at least. */
  seconds: number;
  /** The work that they start for: what it needs is loaded beforehand. */
  first: Work;
}

type Work = "send" | "nothing" | "model" | "http" | "all" | "die";

export interface Pool {
  /**
   * Has a thread do some work, as soon as one is free.
   *
   * @throws {Refusal} what that threw, or 500 if the thread died
   */
  run(work: Work, task?: unknown): Promise<void>;
}

const filename = new URL("worker.ts", import.meta.url).href;

/** The threads start with the first work, and all are there before it is done. */
export function createPool(
  threads: number,
  courier: Orders,
  told: Omit<Told, "first">,
): Pool {
  let starting: Promise<Piscina> | undefined;

  async function start(first: Work): Promise<Piscina> {
    const size = { minThreads: threads, maxThreads: threads };
    const workerData: Told = { ...told, first };
    const pool = new Piscina({ filename, ...size, workerData });
    // Else one that dies without work would end the server.
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
