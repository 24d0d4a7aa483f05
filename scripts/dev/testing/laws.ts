/**
 * The response times of the target's routes, in seconds, for calls that are sent
 * when they are due over a network that takes no time. Measured times can only be
 * longer.
 */
import {
  type Stall,
  stallDelay,
  type TwoPoint,
  twoPointDelay,
} from "../../servers/target/delay.ts";

/** The response time of each call; `dues` ascend from 0. */
export type Law = (dues: number[]) => number[];

/** When calls are due at an even rate. */
export function evenly({ calls, rate }: { calls: number; rate: number }) {
  return Array.from({ length: calls }, (_, index) => index / rate);
}

/** /delay */
export const constant = (delay: number): Law => (dues) => dues.map(() => delay);

/** /two-point, with ids from 1. */
export const twoPoint = (server: TwoPoint): Law => (dues) =>
  dues.map((_, index) => twoPointDelay(index + 1, server));

/** /stall */
export const stalled = (server: Stall): Law => (dues) =>
  dues.map((due) => stallDelay(due, server));

/**
 * /single: one call at a time, each of which takes `service`. A call waits for
 * as long as the one before it did, and for its service, less the time between
 * the two: Lindley's recursion, "The theory of queues with a single server"
 * (1952).
 */
export const single = (service: number): Law => (dues) => {
  let wait = 0;
  return dues.map((due, index) => {
    const since = due - (dues[index - 1] ?? -Infinity);
    wait = Math.max(0, wait + service - since);
    return wait + service;
  });
};
