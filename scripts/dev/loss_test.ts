/** A short round of what scripts/dev/loss.ts does for a quarter of an hour. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { startPrivateBroker } from "../chapters/private_broker.ts";
import { playRound } from "./soak/round.ts";
import { temporaryFolder, testUnless } from "./testing/processes.ts";

const rabbit = await startPrivateBroker();
after(() => rabbit?.stop());
const missing = rabbit
  ? undefined
  : "neither rabbitmq-server nor Docker is at hand";
const { signal } = new AbortController();

testUnless(
  missing,
  "consumers that are killed again and again lose nothing, nor does RabbitMQ that is restarted",
  async () => {
    const out = temporaryFolder();
    // With this seed RabbitMQ is restarted soon.
    const round = await playRound({
      ...{ rabbit: rabbit!, out, messages: 1500, seed: 5, signal, restarts: 1 },
    });
    const { called, reported, lost, missing, left, restarts, kills } = round;
    assert.deepEqual([called, reported, lost], [1500, 1500, []]);
    assert.deepEqual([missing, left, restarts], [0, 0, 1]);
    assert.ok(kills > 1);
  },
);
