/** What threads that stand still ask of the courier, and how it answers. */
import type { MessagePort } from "node:worker_threads";
import { Refusal } from "../http/mod.ts";

/** What a cell holds, which whoever gave the order waits on. */
export const PENDING = 0;
export const DONE = 1;
export const FAILED = 2;

/** What is to be done for a client. */
export type Work =
  | { what: "connect" | "close"; client: string }
  | { what: "send"; client: string; id: string; json: string };

export type Order =
  | Work & { cell: Int32Array }
  /** From now on, orders come by this port too. */
  | { what: "listen"; port: MessagePort };

/** What takes orders to the courier. */
export interface Orders {
  postMessage(order: Order, transferred?: MessagePort[]): void;
}

/** Whoever is told to come back in a second has waited less than that. */
export const PATIENCE = 900;

/** The service's URL for an event: {id} in it becomes that one's id. */
export function urlOf(service: string, id: string): string {
  return service.replaceAll("{id}", encodeURIComponent(id));
}

/** What is said while RabbitMQ does not confirm. */
export function away(): Refusal {
  const headers = { "retry-after": "1" };
  return new Refusal(503, "RabbitMQ does not confirm; try again", headers);
}
