/** One short round of scripts/dev/loss.ts. */
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
  "killing consumers and restarting RabbitMQ loses nothing",
  async () => {
    const out = temporaryFolder();
    // This seed restarts RabbitMQ early.
    const round = await playRound({
      ...{ rabbit: rabbit!, out, messages: 1500, seed: 5, signal, restarts: 1 },
    });
    const { called, reported, lost, missing, left, restarts, kills } = round;
    assert.deepEqual([called, reported, lost], [1500, 1500, []]);
    assert.deepEqual([missing, left, restarts], [0, 0, 1]);
    assert.ok(kills > 1);
  },
);
