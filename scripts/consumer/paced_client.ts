/** Calls as rate limits allow, and again those that a server refuses. */
import type { Client, Request, Timing } from "../../lib/client.ts";
import { createGate } from "./gate.ts";
import { GivenBack } from "../../lib/queue/mod.ts";
import { type Rate, retryAfter } from "../throttle/mod.ts";

export interface InTurn {
  /**
   * Makes a call, and again as long as it is refused with 429, each time after
   * what Retry-After says. The last answer is what it resolves to, and those
   * before it are told.
   *
   * @throws {GivenBack} when it was over before it was this call's turn
   */
  call(
    request: Request,
    onRefused: (timing: Timing) => void,
  ): Promise<Timing>;
  end(): void;
}

/** Without rates each call is made at once, and once. No pause is longer than `timeout`. */
export function callInTurn(
  client: Client,
  { rate, jitter, timeout }: {
    rate: Rate[];
    jitter: number;
    timeout: number;
  },
): InTurn {
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
