/** A client that keeps to rate limits, and retries calls that were refused. */
import type { Client, Request, Timing } from "../../lib/client.ts";
import { createGate } from "./gate.ts";
import { GivenBack } from "../../lib/queue/mod.ts";
import { type Rate, retryAfter } from "../throttle/mod.ts";

export interface PacedClient {
  /**
   * Makes a call, and repeats it after Retry-After while the answer is 429. Resolves
   * to the last attempt; passes those before it to `onRefused`.
   *
   * @throws {GivenBack} if the client has ended before this call's turn
   */
  call(
    request: Request,
    onRefused: (timing: Timing) => void,
  ): Promise<Timing>;
  end(): void;
}

/** Without rates, makes each call once, immediately. Pauses at most for `timeout`. */
export function paceClient(
  client: Client,
  { rate, jitter, timeout }: {
    rate: Rate[];
    jitter: number;
    timeout: number;
  },
): PacedClient {
  if (rate.length === 0) return { call: (it) => client.call(it), end() {} };
  const gate = createGate(rate, jitter);
  let isOver = false;
  return {
    async call(request, onRefused) {
      for (;;) {
        const answered = await gate.pass();
        if (isOver) throw new GivenBack();
        const timing = await client.call(request);
        answered(timing.server);
        if (timing.status !== 429) return timing;
        onRefused(timing);
        const asked = retryAfter(timing.headers, Date.now()) ?? 1;
        gate.close(Math.min(asked, timeout));
      }
    },
    end() {
      isOver = true;
      gate.end();
    },
  };
}
