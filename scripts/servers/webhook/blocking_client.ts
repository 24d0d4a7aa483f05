/**
 * A blocking client of RabbitMQ, as in many languages: its functions block their
 * thread until they are done.
 */
import { randomUUID } from "node:crypto";
import {
  DONE,
  type Orders,
  PENDING,
  unavailable,
  type Work,
} from "./orders.ts";

export interface BlockingClient {
  /** Other threads use the same connection by this name. */
  name: string;
  /** Returns after the handshake; throws a {@link Refusal} if it fails. */
  connect(): void;
  /** Returns when RabbitMQ has confirmed the message; throws a {@link Refusal} if it doesn't. */
  send(id: string, json: string): void;
  /** Closes the connection without waiting. */
  close(): void;
}

/** Longer than the courier's own timeout. */
const TIMEOUT = 1000;

/** Opens a connection. Connecting and sending take at least `seconds` each. */
export function connect(courier: Orders, seconds: number): BlockingClient {
  const client = newClient(courier, seconds);
  try {
    client.connect();
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A client that is not connected yet, or that uses the connection called `name`. */
export function newClient(
  courier: Orders,
  seconds: number,
  name: string = randomUUID(),
): BlockingClient {
  return {
    name,
    connect() {
      order(courier, { what: "connect", client: name }, seconds);
    },
    send(id, json) {
      order(courier, { what: "send", client: name, id, json }, seconds);
    },
    close() {
      courier.postMessage({ what: "close", client: name, cell: newCell() });
    },
  };
}

function order(courier: Orders, work: Work, seconds: number) {
  const end = performance.now() + seconds * 1000;
  const cell = newCell();
  courier.postMessage({ ...work, cell });
  blockUntilConfirmed(cell, end);
}

/** How much too long this thread blocked the last time, in milliseconds. */
let late = 0;

/** Blocks until the courier is done, then until `end`, on average. */
function blockUntilConfirmed(cell: Int32Array, end: number) {
  Atomics.wait(cell, 0, PENDING, TIMEOUT);
  if (Atomics.load(cell, 0) !== DONE) throw unavailable();
  // A local queue confirms sooner than a remote one. Threads wake up late: make up
  // for that the next time.
  end -= late;
  const left = end - performance.now();
  if (left > 0) Atomics.wait(cell, 0, DONE, left);
  late = left > 0 ? performance.now() - end : 0;
}

function newCell(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}
