import assert from "node:assert/strict";
import test from "node:test";
import {
  bucket,
  fixed,
  formatRetryAfter,
  gcra,
  type Limit,
  type Limiter,
  limiters,
  rateLimitHeaders,
  slidingCounter,
  slidingLog,
} from "./limiters.ts";
import { randomNumbers } from "../../../dev/testing/processes.ts";

const limits: Limit[] = [
  { limit: 100, per: 1, phase: 0.3, burst: 10 },
  { limit: 20, per: 1, phase: 0.99, burst: 1 },
  { limit: 7, per: 3, phase: 0.01, burst: 3 },
  { limit: 1, per: 0.1, phase: 0.5, burst: 1 },
  { limit: 1000, per: 60, phase: 0.7, burst: 1000 },
];

/** Times from 0 on: bursts, rests, and mostly more than the limit allows. */
function arrivals({ limit, per }: Limit, count = 20 * limit + 2000): number[] {
  const random = randomNumbers();
  let now = 0;
  return Array.from({ length: count }, () => {
    const rest = random() < 0.003 ? 200 : random() < 0.7 ? 0 : 1;
    return now += random() * rest * per / limit;
  });
}

/** Those of the times that are accepted. */
function accepted<State>(
  limiter: Limiter<State>,
  times: number[],
  limit: Limit,
): number[] {
  let state: State | undefined;
  return times.filter((now) => {
    const decision = limiter(state, now, limit);
    state = decision.state;
    return decision.wait === 0;
  });
}

/** The most in any window (now - per, now], less a nanosecond. */
function mostIn(per: number, times: number[]): number {
  let first = 0;
  return Math.max(...times.map((now, index) => {
    while (times[first]! <= now - per + 2e-9) first++;
    return index - first + 1;
  }));
}

/** The most by which `times` exceed the line `burst` + t * `rate`. */
function excess(times: number[], burst: number, rate: number): number {
  let most = -Infinity;
  let lowest = Infinity;
  times.forEach((now, index) => {
    lowest = Math.min(lowest, index - now * rate);
    most = Math.max(most, index + 1 - now * rate - lowest - burst);
  });
  return most;
}

/** Runs `check` before each of many requests, with each limiter and limit. */
function atEveryStep(
  check: (
    limiter: Limiter<unknown>,
    state: unknown,
    now: number,
    limit: Limit,
  ) => void,
) {
  for (const limiter of Object.values(limiters)) {
    for (const limit of limits) {
      let state: unknown;
      for (const now of arrivals(limit, 1000)) {
        check(limiter, state, now, limit);
        state = limiter(state, now, limit).state;
      }
    }
  }
}

test("a fixed window accepts the limit and no more, by the grid", () => {
  for (const limit of limits) {
    const counts = new Map<number, number>();
    for (const time of accepted(fixed, arrivals(limit), limit)) {
      const window = Math.floor(time / limit.per - limit.phase);
      counts.set(window, (counts.get(window) ?? 0) + 1);
    }
    assert.equal(Math.max(...counts.values()), limit.limit);
  }
});

test("fixed windows accept twice the limit where two of them meet", () => {
  const limit = { limit: 100, per: 1, phase: 0.25, burst: 1 };
  const times = [...Array(150).fill(1.2499), ...Array(150).fill(1.2501)];
  assert.equal(accepted(fixed, times, limit).length, 200);
  assert.equal(accepted(slidingLog, times, limit).length, 100);
  assert.equal(accepted(slidingCounter, times, limit).length, 101);
});

test("a sliding log accepts the limit and no more, in any window", () => {
  for (const limit of limits) {
    const times = accepted(slidingLog, arrivals(limit), limit);
    assert.equal(mostIn(limit.per, times), limit.limit);
  }
});

test("a sliding counter accepts if its estimate is below the limit", () => {
  for (const limit of limits) {
    const counts = new Map<number, number>();
    let state: Parameters<typeof slidingCounter>[0];
    for (const now of arrivals(limit)) {
      const position = now / limit.per - limit.phase;
      const window = Math.floor(position);
      const count = counts.get(window) ?? 0;
      const overlap = 1 - (position - window);
      const estimate = (counts.get(window - 1) ?? 0) * overlap + count;
      const decision = slidingCounter(state, now, limit);
      state = decision.state;
      assert.equal(decision.wait === 0, estimate < limit.limit);
      if (decision.wait === 0) counts.set(window, count + 1);
    }
  }
});

test("a bucket and GCRA accept a burst and then the rate", () => {
  for (const limit of limits) {
    const rate = limit.limit / limit.per;
    const burst = { [bucket.name]: limit.limit, [gcra.name]: limit.burst };
    for (const limiter of [bucket, gcra] as Limiter<unknown>[]) {
      const times = accepted(limiter, arrivals(limit), limit);
      const over = excess(times, burst[limiter.name]!, rate);
      // Up to it, but never above by more than a nanosecond's worth.
      assert.ok(over > -1 && over < 2e-9 * rate, `${limiter.name}: ${over}`);
      const full = accepted(limiter, Array(2000).fill(0), limit).length;
      assert.equal(full, burst[limiter.name]);
    }
  }
});

test("GCRA is a bucket of another size", () => {
  for (const limit of limits) {
    const whole = { ...limit, burst: limit.limit };
    const times = arrivals(limit);
    assert.deepEqual(
      accepted(gcra, times, whole),
      accepted(bucket, times, whole),
    );
  }
});

test("even requests below the limit are always accepted", () => {
  for (const [name, limiter] of Object.entries(limiters)) {
    for (const limit of limits) {
      for (const start of [0, 0.123, 86_400]) {
        const interval = limit.per / limit.limit * 1.001;
        const times = Array.from(
          { length: 5000 },
          (_, index) => start + index * interval,
        );
        const count = accepted(limiter, times, limit).length;
        assert.equal(count, 5000, `${name} of ${limit.limit} from ${start}`);
      }
    }
  }
});

test("requests exactly at the limit are accepted, except by the estimate", () => {
  for (const limiter of [fixed, slidingLog, bucket, gcra]) {
    for (const limit of limits) {
      const interval = limit.per / limit.limit;
      const times = Array.from({ length: 50_000 }, (_, n) => n * interval);
      const few = limiter === slidingLog ? times.slice(0, 5000) : times;
      const count = accepted(limiter as Limiter<unknown>, few, limit).length;
      assert.equal(count, few.length, limiter.name);
    }
  }
});

test("a refused request is accepted after its wait, and not before", () => {
  let refused = 0;
  atEveryStep((limiter, state, now, limit) => {
    const { wait } = limiter(state, now, limit);
    if (wait === 0) return;
    refused++;
    assert.equal(limiter(state, now + wait, limit).wait, 0);
    if (wait < 1e-6) return;
    assert.ok(limiter(state, now + wait - 1e-6, limit).wait > 0);
  });
  assert.ok(refused > 1000, `${refused}`);
});

test("as many as remain are accepted, and one more after the reset", () => {
  atEveryStep((limiter, state, now, limit) => {
    const { state: after, remaining, reset } = limiter(state, now, limit);
    // More would take the log of a thousand too long.
    if (remaining > 20) return;
    let left = after;
    for (let more = 0; more < remaining; more++) {
      const decision = limiter(left, now, limit);
      assert.equal(decision.wait, 0);
      left = decision.state;
    }
    const { wait } = limiter(left, now, limit);
    assert.ok(wait > 0);
    assert.ok(Math.abs(wait - reset) < 1e-6, `${wait} is not ${reset}`);
  });
});

test("a limiter waits two windows at most, and keeps the state it gets", () => {
  atEveryStep((limiter, state, now, limit) => {
    const before = structuredClone(state);
    const { wait, state: after } = limiter(state, now, limit);
    assert.deepEqual(state, before);
    assert.ok(wait >= 0 && wait <= 2 * limit.per, `${wait}`);
    // A refused request doesn't count.
    if (wait > 0) assert.equal(after, state);
  });
});

test("a clock that steps back is taken to stand still", () => {
  for (const [name, limiter] of Object.entries(limiters)) {
    for (const limit of limits) {
      const random = randomNumbers(2);
      let [stepping, still]: unknown[] = [];
      let most = -Infinity;
      for (const now of arrivals(limit)) {
        const back = random() < 0.5 ? 0 : random() ** 3 * 5 * limit.per;
        most = Math.max(most, now - back);
        const one = limiter(stepping, now - back, limit);
        const other = limiter(still, most, limit);
        assert.equal(one.wait === 0, other.wait === 0, name);
        assert.ok(Number.isFinite(one.reset), name);
        stepping = one.state;
        still = other.state;
      }
    }
  }
});

test("the RateLimit headers are lists of strings with whole parameters", () => {
  const decision = { state: 0, wait: 0, remaining: 42, reset: 0.2 };
  const limit = { limit: 100, per: 60, phase: 0, burst: 1 };
  assert.deepEqual(rateLimitHeaders(decision, limit), {
    "ratelimit-policy": `"default";q=100;w=60`,
    "ratelimit": `"default";r=42;t=1`,
  });
  const half = rateLimitHeaders(decision, { ...limit, per: 0.5 });
  assert.equal(half["ratelimit-policy"], `"default";q=100`);
});

test("Retry-After is rounded up to the second, as a number or a date", () => {
  assert.equal(formatRetryAfter(0.001), "1");
  assert.equal(formatRetryAfter(1), "1");
  assert.equal(formatRetryAfter(59.2), "60");
  const now = Date.UTC(2024, 10, 5, 23, 59, 58, 900);
  assert.equal(formatRetryAfter(0.05, now), "Tue, 05 Nov 2024 23:59:59 GMT");
  assert.equal(formatRetryAfter(0.2, now), "Wed, 06 Nov 2024 00:00:00 GMT");
});
