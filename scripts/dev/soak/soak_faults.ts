/** What befalls a queue and those who use it. */
import { setTimeout as sleep } from "node:timers/promises";
import { type PrivateBroker, restart } from "../../chapters/mod.ts";
import { type Consumer, HEARTBEAT } from "./stage.ts";

/** Befalls one of the consumers; over when it has passed. */
export const consumerFaults: Record<string, (victim: Consumer) => unknown> = {
  "a consumer is killed": ({ script }) => script?.kill(),
  "a consumer's machine vanishes"({ script, network }) {
    network.vanish();
    return script?.kill();
  },
  async "a consumer's network is cut"({ network }) {
    await network.cut();
    await sleep(500);
    await network.mend();
  },
  async "RabbitMQ is silent to a consumer"({ network }) {
    network.hold(true);
    // It notices when it misses heartbeats.
    await sleep(4 * HEARTBEAT * 1000);
    network.hold(false);
  },
};

/** Befalls all who use a RabbitMQ. */
export const brokerFaults: Record<string, (rabbit: PrivateBroker) => unknown> =
  {
    async "RabbitMQ runs out of memory"({ control }) {
      await control("set_vm_memory_high_watermark", "absolute", "1");
      await sleep(1000);
      await control("set_vm_memory_high_watermark", "0.4");
    },
    "an operator closes all connections": ({ control }) =>
      control("close_all_connections", "for a test"),
    "RabbitMQ is restarted": restart,
  };
