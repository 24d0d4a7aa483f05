import assert from "node:assert/strict";
import test from "node:test";
import { limiters } from "../servers/target/server/limiters.ts";
import { grown, refused, startSearch } from "./search.ts";

/** A minute of calls at the rate of the search, pausing when refused. */
function searchFor(kind: string, limit: number, phase: number) {
  const rule = { limit, per: 1, phase, burst: Math.max(1, limit / 10) };
  const accepted: number[] = [];
  const refusals: number[] = [];
  let search = startSearch();
  let state: unknown;
  for (let now = 0; now < 60; now += 1 / search.rate) {
    const decision = limiters[kind]!(state, now, rule);
    state = decision.state;
    if (decision.wait === 0) {
      accepted.push(now);
      search = grown(search, now, 1 / search.rate);
    } else {
      refusals.push(now);
      search = refused(search, now);
      now += Math.ceil(decision.wait);
    }
  }
  const settled = (times: number[]) => times.filter((now) => now >= 10).length;
  return { accepted: settled(accepted), refused: settled(refusals) };
}

for (const kind of Object.keys(limiters)) {
  test(`a limit of the kind ${kind} is found in 10 s and then kept`, () => {
    for (let phase = 0; phase < 1; phase += 0.07) {
      const { accepted, refused } = searchFor(kind, 100, phase);
      const used = accepted / (50 * 100);
      assert.ok(used >= 0.9, `used only ${used} at phase ${phase}`);
      assert.ok(refused <= 0.01 * accepted, `refused ${refused}`);
    }
  });
}
