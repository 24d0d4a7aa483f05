import assert from "node:assert/strict";
import test from "node:test";
import { handOverOf } from "./hand_over.ts";

test("a hand-over takes as long as the command says, or 24 ms", () => {
  const commands: [string | undefined, number][] = [
    [undefined, 0.024],
    ["scripts/ladder.ts --trials 2", 0.024],
    ["scripts/ladder.ts --hand-over 50ms --trials 2", 0.05],
    ["scripts/ladder.ts --hand-over=2s", 2],
    ["scripts/ladder.ts --hand-over soon", 0.024],
  ];
  for (const [command, seconds] of commands) {
    assert.equal(handOverOf(command), seconds);
  }
});
