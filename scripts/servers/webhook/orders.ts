/** What blocked threads ask of the courier, and how it answers. */
import type { MessagePort } from "node:worker_threads";
import { Refusal } from "../http/mod.ts";

/** The states of a cell, on which the thread that gave the order waits. */
export const PENDING = 0;
export const DONE = 1;
export const FAILED = 2;

/** What to do for a client. */
export type Work =
  | { what: "connect" | "close"; client: string }
  | { what: "send"; client: string; id: string; json: string };

export type Order =
  | Work & { cell: Int32Array }
  /** Also take orders from this port. */
  | { what: "listen"; port: MessagePort };

/** Sends orders to the courier. */
export interface Orders {
  postMessage(order: Order, transferred?: MessagePort[]): void;
}

/** Shorter than the second after which the sender should try again, in milliseconds. */
export const TIMEOUT = 900;

/** The service's URL for an event: replaces {id}. */
export function urlOf(service: string, id: string): string {
  return service.replaceAll("{id}", encodeURIComponent(id));
}

/** The answer while RabbitMQ doesn't confirm. */
export function unavailable(): Refusal {
  const headers = { "retry-after": "1" };
  return new Refusal(503, "RabbitMQ doesn't confirm; try again", headers);
}
