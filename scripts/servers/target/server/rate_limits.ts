/** The target's rate limits, one for each combination of rule and key. */
import { uniform } from "../delay.ts";
import { formatRetryAfter, limiters, rateLimitHeaders } from "./limiters.ts";
import type { Metronome } from "../../../../lib/schedule.ts";
import { oneOf, time, whole } from "../query.ts";

interface Gate {
  phase: number;
  requests: number;
  /** The limiter's state. */
  state?: unknown;
}

/** The decision on a request. */
export interface Decided {
  headers: Record<string, string>;
  /** Seconds until it would be accepted; 0 if it is. */
  wait: number;
}

/** The counts of a key; the times are those of accepted requests, in seconds. */
export interface Counts {
  accepted: number;
  rejected: number;
  first: number | null;
  last: number | null;
}

/** The seed decides phases and jitter. */
export function startLimits(seed: number, metronome: Metronome) {
  const gates = new Map<string, Gate>();
  const counted = new Map<string, Counts>();
  const countsOf = (key: string): Counts =>
    counted.get(key) ?? { accepted: 0, rejected: 0, first: null, last: null };

  function count(key: string, now: number, isAccepted: boolean) {
    const counts = countsOf(key);
    counted.set(key, counts);
    counts[isAccepted ? "accepted" : "rejected"]++;
    if (!isAccepted) return;
    counts.first ??= now;
    counts.last = now;
  }

  /**
   * Decides on a request by its query, after the jitter that the query asks for.
   *
   * @throws {RangeError} if the query is invalid
   */
  async function decide(query: URLSearchParams): Promise<Decided> {
    const limit = whole(query.get("limit") ?? "100", "limit", 1e5, 1);
    const tenth = String(Math.max(1, Math.floor(limit / 10)));
    const burst = whole(query.get("burst") ?? tenth, "burst", 1e5, 1);
    const per = time(query, "per", "1s", { aboveZero: true });
    const window = oneOf(query, "window", Object.keys(limiters));
    const retry = oneOf(query, "retry", ["seconds", "date"]);
    const told = oneOf(query, "headers", ["ietf", "none"]) === "ietf";
    const jitter = time(query, "jitter", "0s");
    const key = query.get("key") ?? "";

    const name = JSON.stringify([window, limit, per, burst, key]);
    const gate = gates.get(name) ??
      { phase: uniform(seed, gates.size), requests: 0 };
    gates.set(name, gate);
    const late = uniform(seed, gate.requests++) * jitter;
    await metronome.until(performance.now() + late * 1000);
    const now = performance.now() / 1000;
    const limits = { limit, per, burst, phase: gate.phase };
    const decision = limiters[window]!(gate.state, now, limits);
    gate.state = decision.state;
    const { wait } = decision;
    count(key, now, wait === 0);

    const headers = told ? rateLimitHeaders(decision, limits) : {};
    if (wait === 0) return { headers, wait };
    const date = retry === "date" ? Date.now() : undefined;
    headers["retry-after"] = formatRetryAfter(wait, date);
    return { headers, wait };
  }

  return { decide, countsOf };
}
