export { balance } from "./balance.ts";
export { playRound, type Round } from "./round.ts";
export { brokerFaults, consumerFaults } from "./soak_faults.ts";
export { play, type Played, type Stage } from "./stage.ts";
export { growth, type Sample, sample } from "./usage.ts";
