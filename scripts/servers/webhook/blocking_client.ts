/**
 * A client of RabbitMQ as many languages have it: its functions return when they
 * are done, and until then nothing else happens on their thread.
 */
import { randomUUID } from "node:crypto";
import { away, DONE, type Orders, PENDING, type Work } from "./orders.ts";

export interface BlockingClient {
  /** By which other threads can use the same connection. */
  name: string;
  /** Returns after the handshake; throws a {@link Refusal} if there is none. */
  connect(): void;
  /** Returns when RabbitMQ has the message; throws a {@link Refusal} if not. */
  send(id: string, json: string): void;
  /** Ends the connection, and doesn't wait for that. */
  close(): void;
}

/** Longer than the courier's own patience. */
const PATIENCE = 1000;

/** Opens a connection. Each of its functions takes at least so many seconds. */
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

/** A client without a connection, or with one that another thread opened. */
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

/** How much longer than asked for this thread stood still the last time. */
let late = 0;

/** Until the courier is done, and then until `end`, on average. */
function blockUntilConfirmed(cell: Int32Array, end: number) {
  Atomics.wait(cell, 0, PENDING, PATIENCE);
  if (Atomics.load(cell, 0) !== DONE) throw away();
  // A queue on this machine confirms sooner than one that is farther away. A
  // thread is woken late: it makes up for that the next time.
  end -= late;
  const left = end - performance.now();
  if (left > 0) Atomics.wait(cell, 0, DONE, left);
  late = left > 0 ? performance.now() - end : 0;
}

function newCell(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}
