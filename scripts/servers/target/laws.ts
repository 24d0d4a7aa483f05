/**
 * Servers whose response times are known in closed form. A response time is
 * that of an ideal open-loop client, from due to answered: each call is sent
 * when it is due, whatever became of those before, over a network that takes no
 * time. What is measured can only be longer. All times are in seconds.
 */
import { uniform } from "./delay.ts";
import type { Rate } from "../../throttle/mod.ts";

export interface Law {
  /**
   * The response time of each call, in the order of the `dues`, which are
   * counted from the first one and ascend.
   */
  times(dues: number[]): number[];
  /** What the share `p`, from 0 to 1, of evenly due calls takes at most. */
  quantile(p: number, arrivals: EvenLoad): number;
}

/** So many calls, evenly due: the n-th, counted from 0, at n / `rate`. */
export interface EvenLoad {
  /** 1 or more. */
  calls: number;
  /** In calls per second. */
  rate: number;
}

/** When those calls are due. */
export function evenly({ calls, rate }: EvenLoad): number[] {
  return Array.from({ length: calls }, (_, index) => index / rate);
}

/** /delay: every call takes the same time. */
export function constant(delay: number): Law {
  return { times: (dues) => dues.map(() => delay), quantile: () => delay };
}

export interface TwoPoint {
  /** Not above `slow`. */
  fast: number;
  slow: number;
  /** How many of the calls are slow, from 0 to 1. */
  share: number;
  seed: number;
}

/** What /two-point makes of one id: a pure function of the seed and the id. */
export function twoPointDelay(
  id: number,
  { fast, slow, share, seed }: TwoPoint,
): number {
  return uniform(seed, id) < share ? slow : fast;
}

/**
 * /two-point, with ids from 1: a mixture of two constants, whose quantile is
 * `fast` up to 1 - `share`, and `slow` above. So many ids are slow in the limit;
 * of n calls, that share give or take sqrt(share (1 - share) / n).
 */
export function twoPoint(server: TwoPoint): Law {
  return {
    times: (dues) => dues.map((_, index) => twoPointDelay(index + 1, server)),
    quantile: (p) => p <= 1 - server.share ? server.fast : server.slow,
  };
}

export interface Stall {
  /** When the server freezes, for `length`, in each period of `every`. */
  at: number;
  length: number;
  every: number;
  /** What a call takes otherwise. */
  delay: number;
}

/** What /stall makes of a request, so long after the first one. */
export function stallDelay(
  time: number,
  { at, length, every, delay }: Stall,
): number {
  const phase = time % every;
  const answered = phase + delay;
  const frozen = answered >= at && answered < at + length;
  return frozen ? at + length - phase : delay;
}

/**
 * /stall. A frozen call waits for the thaw, all the longer the earlier it is
 * due, so that the tail is a line: the share x of the calls takes longer than
 * `length` + `delay` - x `every`. The quantile is that of a run that lasts for
 * whole periods, or else for less than one but past its thaw; no freeze may
 * outlast its period.
 */
export function stalled(server: Stall): Law {
  const { at, length, every, delay } = server;
  // No call is due before 0, even if the freeze would hold back its answer.
  const longest = length + Math.min(at, delay);
  return {
    times: (dues) => dues.map((due) => stallDelay(due, server)),
    quantile(p, { calls, rate }) {
      const period = Math.min(every, calls / rate);
      return Math.max(delay, longest - (1 - p) * period);
    },
  };
}

/**
 * /single: one call at a time, each of which takes `service`. A call waits for
 * as long as the one before it did, and for its service, less the time between
 * the two: Lindley's recursion, "The theory of queues with a single server"
 * (1952).
 *
 * If calls are due evenly and faster than they are served, the n-th, counted
 * from 0, takes `service` + n (`service` - 1 / `rate`), else `service`. That is
 * a line, so a quantile of type 7 is exactly on it.
 */
export function single(service: number): Law {
  return {
    times(dues) {
      let wait = 0;
      return dues.map((due, index) => {
        const since = due - (dues[index - 1] ?? -Infinity);
        wait = Math.max(0, wait + service - since);
        return wait + service;
      });
    },
    quantile(p, { calls, rate }) {
      const growth = Math.max(0, service - 1 / rate);
      return service + p * (calls - 1) * growth;
    },
  };
}

/**
 * How many of the calls /limited?window=bucket accepts: one for each token of
 * the `limit` (a whole number) that are there at first, and of the `limit` /
 * `per` a second that come until the last call is due. A bucket of one spills
 * what comes between the next token and the next call, so that it accepts the
 * first call, and then each first one that is due `per` after it or later.
 */
export function acceptedByBucket(
  { limit, per }: Rate,
  { calls, rate }: EvenLoad,
): number {
  if (limit === 1) return Math.ceil(calls / Math.ceil((per - EARLY) * rate));
  const last = (calls - 1) / rate;
  const tokens = limit + limit / per * (last + EARLY);
  return Math.min(calls, Math.floor(tokens));
}

/** The limiter accepts a call that comes by so much before its token. */
const EARLY = 1e-9;
