export { benchmarkKills, killsSeconds } from "./kills.ts";
export { benchmarkQueue, queueSeconds } from "./queue.ts";
