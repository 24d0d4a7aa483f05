/** The target's routes, by the first part of the path. */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import {
  type LogNormal,
  seededDelay,
  stallDelay,
  twoPointDelay,
} from "../delay.ts";
import { share, time, whole } from "../query.ts";
import type { startLimits } from "./rate_limits.ts";

export interface Answer {
  /** Seconds from the request's arrival to the answer. */
  delay?: number;
  status?: number;
  type?: string;
  body?: string | Uint8Array;
  headers?: Record<string, string>;
}

export interface Asked {
  /** The second part of the path. */
  parameter: string;
  query: URLSearchParams;
  request: IncomingMessage;
  /** When the request arrived, in seconds. */
  arrived: number;
}

export type Route = (asked: Asked) => Answer | Promise<Answer>;

const MAXIMUM_BYTES = 2 ** 27;

const image = readFileSync(
  new URL("../../../../assets/image.jpg", import.meta.url),
);

/** Some routes depend on earlier requests. */
export function createRoutes(
  delays: LogNormal,
  limits: ReturnType<typeof startLimits>,
): Record<string, Route> {
  /** When /single will be free, by key. */
  const freeAt = new Map<string, number>();

  /** When /stall got its first request, by key. */
  const firstStalls = new Map<string, number>();

  return {
    "": ({ query }) => ({ delay: seededDelay(idOf(query), delays) }),
    "delay": ({ parameter }) => {
      return { delay: whole(parameter, "delay", 3_600_000) / 1000 };
    },
    "status": ({ parameter }) => ({
      status: whole(parameter, "status", 599, 200),
    }),
    "bytes": ({ parameter }) => ({
      type: "application/octet-stream",
      body: Buffer.alloc(whole(parameter, "bytes", MAXIMUM_BYTES), "x"),
    }),
    "image.jpg": () => ({ type: "image/jpeg", body: image }),
    "echo": async ({ request }) => {
      const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
      const type = request.headers["content-type"];
      return { type, body: Buffer.concat(chunks) };
    },
    "two-point": ({ query }) => {
      const delay = twoPointDelay(idOf(query), {
        fast: time(query, "fast", "5ms"),
        slow: time(query, "slow", "50ms"),
        share: share(query, "share", "0.1"),
        seed: delays.seed,
      });
      return { delay };
    },
    "single": ({ query, arrived }) => {
      const service = time(query, "service", "2ms");
      const key = keyOf(query);
      const free = Math.max(freeAt.get(key) ?? 0, arrived) + service;
      freeAt.set(key, free);
      return { delay: free - arrived };
    },
    "stall": ({ query, arrived }) => {
      const stall = {
        at: time(query, "at", "5s"),
        length: time(query, "for", "2s"),
        every: time(query, "every", "20s", { aboveZero: true }),
        delay: time(query, "delay", "5ms"),
      };
      const key = keyOf(query);
      const first = firstStalls.get(key) ?? arrived;
      firstStalls.set(key, first);
      return { delay: stallDelay(arrived - first, stall) };
    },
    "limited": async ({ query }) => {
      const delay = time(query, "delay", "0s");
      const { headers, wait } = await limits.decide(query);
      if (wait === 0) return { headers, delay };
      const error = `over the limit; try again in ${wait.toFixed(3)} s`;
      return { ...failed(429, error), headers };
    },
  };
}

function idOf(query: URLSearchParams): number {
  return whole(query.get("id") ?? "0", "id", 2 ** 31 - 1);
}

function keyOf(query: URLSearchParams): string {
  return query.get("key") ?? "";
}

export function failed(status: number, error: string): Answer {
  return { status, type: "application/json", body: json({ error }) };
}

export function json(value: unknown): string {
  return JSON.stringify(value) + "\n";
}
